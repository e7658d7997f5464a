//! Reads an expression from left to right, and keeps track of positions for errors.

use alloc::string::{String, ToString as _};

use crate::error::{CalendarError, Mistake};

/// A text, and how far it has been read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'t> {
    text: &'t str,
    /// The next byte to read; always at a character boundary.
    at: usize,
}

/// A part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) from: usize,
    pub(crate) to: usize,
}

impl Place {
    pub(crate) fn until(self, other: Self) -> Self {
        Self { to: other.to, ..self }
    }
}

impl<'t> Reader<'t> {
    /// Begins at a byte of the text.
    pub(crate) fn new(text: &'t str, at: usize) -> Self {
        Self { text, at }
    }

    pub(crate) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.rest().is_empty()
    }

    pub(crate) fn sees(&self, sign: char) -> bool {
        self.rest().starts_with(sign)
    }

    /// Whether a range begins here.
    pub(crate) fn sees_range(&self) -> bool {
        self.rest().starts_with("..")
    }

    /// Skips the text if it comes next.
    pub(crate) fn take(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        self.at += if found { text.len() } else { 0 };
        found
    }

    /// Skips the longest sequence of such characters, and returns it.
    pub(crate) fn take_while(&mut self, accepts: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !accepts(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// Skips this many bytes, which must be whole characters.
    pub(crate) fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    pub(crate) fn place(&self) -> Place {
        Place { from: self.at, to: self.at }
    }

    pub(crate) fn since(&self, from: Place) -> Place {
        Place { from: from.from, to: self.at }
    }

    pub(crate) fn text(&self, place: Place) -> String {
        self.text.get(place.from..place.to).unwrap_or_default().into()
    }

    /// The error that something else is expected here.
    pub(crate) fn expected(&self, expected: &'static str) -> CalendarError {
        let word = self.rest().split(' ').next().unwrap_or_default();
        let found = match (word, self.rest()) {
            (_, "") => "the end".to_string(),
            ("", _) => "a space".to_string(),
            (word, _) => alloc::format!("`{word}`"),
        };
        let place = Place { from: self.at, to: self.at + word.len().max(1).min(self.rest().len()) };
        self.error(place, Mistake::Expected { expected, found })
    }

    pub(crate) fn error(&self, place: Place, mistake: Mistake) -> CalendarError {
        let characters = |from: usize, to: usize| {
            let piece = self.text.get(from..to);
            piece.map_or(0, |piece| piece.chars().count())
        };
        CalendarError { at: characters(0, place.from), length: characters(place.from, place.to), mistake }
    }
}
