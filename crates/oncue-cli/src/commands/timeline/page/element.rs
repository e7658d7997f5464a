//! Elements of the page, with their texts escaped.

use oncue::tools::Wall;

use crate::commands::timeline::axis::Axis;

/// Something that tells a text when it is chosen.
#[derive(Debug)]
pub(super) struct Button<'a> {
    /// Its words in the style sheet.
    pub(super) class: &'a str,
    /// Its number, if links can lead to it.
    pub(super) number: Option<usize>,
    /// What it is, in a line.
    pub(super) title: &'a str,
    /// What it tells.
    pub(super) why: &'a str,
    /// What is written on it.
    pub(super) label: &'a str,
}

/// Where a mark lies.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) axis: &'a Axis,
    pub(super) from: Wall,
    pub(super) to: Wall,
    /// Whether it begins left of now, however narrow it is.
    pub(super) is_past: bool,
}

impl Place<'_> {
    fn style(&self) -> String {
        let (left, right) = (self.axis.place(self.from) * 100.0, self.axis.place(self.to) * 100.0);
        let at = if self.is_past { format!("min({left:.3}%,var(--last))") } else { format!("{left:.3}%") };
        format!("left:{at};width:{:.3}%", right - left)
    }
}

impl Button<'_> {
    /// Returns it at a place.
    pub(super) fn at(&self, place: &Place<'_>) -> String {
        let Self { class, number, title, why, label } = self;
        let id = number.map(|number| format!(" id=\"m{number}\"")).unwrap_or_default();
        format!(
            "<button class=\"{class}\"{id} tabindex=\"-1\" style=\"{}\" title=\"{}\" data-why=\"{}\">{}</button>",
            place.style(),
            escaped(title),
            escaped(why),
            escaped(label),
        )
    }

    /// Returns it as the name of a row, which can be reached with the Tab key.
    pub(super) fn name(&self) -> String {
        let Self { class, title, why, label, number: _ } = self;
        format!(
            "<button class=\"{class}\" title=\"{}\" data-why=\"{}\">{}</button>",
            escaped(title),
            escaped(why),
            escaped(label),
        )
    }
}

/// Escapes a text for an attribute or an element.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            '\n' => escaped += "&#10;",
            other => escaped.push(other),
        }
    }
    escaped
}
