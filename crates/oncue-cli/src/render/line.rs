//! One line of styled text, before it is decided where and in which form it is shown.

use anstyle::Style;

use crate::render::style::{PLAIN, paint};
use crate::render::width::width;

/// A line: parts of text, each in a style.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    parts: Vec<(String, Style)>,
}

impl Line {
    /// Adds a text in a style. The text must be clean.
    pub(crate) fn styled(mut self, text: impl Into<String>, style: Style) -> Self {
        let text = text.into();
        if !text.is_empty() {
            self.parts.push((text, style));
        }
        self
    }

    /// Adds a text, which must be clean.
    pub(crate) fn plain(self, text: impl Into<String>) -> Self {
        self.styled(text, PLAIN)
    }

    /// Adds the parts of another line.
    pub(crate) fn followed_by(mut self, other: Self) -> Self {
        self.parts.extend(other.parts);
        self
    }

    /// Returns the parts.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (&str, Style)> {
        self.parts.iter().map(|(text, style)| (text.as_str(), *style))
    }

    /// Returns how many columns it takes up.
    pub(crate) fn width(&self) -> usize {
        self.parts.iter().map(|(text, _)| width(text)).sum()
    }

    /// Returns its text with the styles as escape sequences.
    pub(crate) fn painted(&self) -> String {
        self.parts.iter().map(|(text, style)| paint(*style, text)).collect()
    }
}

/// Returns lines as text with styles, each with its end.
pub(crate) fn painted(lines: &[Line]) -> String {
    lines.iter().map(|line| line.painted() + "\n").collect()
}
