//! Shows one thing in full: labels, each with text beside it, wrapped at spaces to fit.

use anstyle::Style;

use crate::render::clean::clean;
use crate::render::line::{self, Line};
use crate::render::style::{FAINT, PLAIN};
use crate::render::width;

/// Indentation of the labels.
const INDENT: usize = 2;
/// If there is less room than this, lines are left for the terminal to wrap.
const LEAST: usize = 24;

/// Labels with their lines.
#[derive(Debug, Default)]
pub(crate) struct Card {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    label: &'static str,
    text: String,
    style: Style,
}

impl Card {
    /// Adds a line, cleaned. An empty label continues the previous one.
    pub(crate) fn row(&mut self, label: &'static str, text: impl AsRef<str>) {
        self.styled(label, text.as_ref(), PLAIN);
    }

    /// Adds a line in a style.
    pub(crate) fn styled(&mut self, label: &'static str, text: &str, style: Style) {
        self.rows.push(Row { label, text: clean(text).into_owned(), style });
    }

    /// Adds a line, if there is a text.
    pub(crate) fn row_if(&mut self, label: &'static str, text: Option<impl AsRef<str>>) {
        if let Some(text) = text {
            self.row(label, text);
        }
    }

    /// Adds several lines under one label.
    pub(crate) fn rows<T: AsRef<str>>(&mut self, label: &'static str, texts: impl IntoIterator<Item = T>) {
        for (at, text) in texts.into_iter().enumerate() {
            self.row(if at == 0 { label } else { "" }, text);
        }
    }

    /// Draws it.
    pub(crate) fn draw(&self, width: Option<usize>) -> String {
        line::painted(&self.lines(width))
    }

    /// Returns its lines, wrapped to fit.
    pub(crate) fn lines(&self, columns: Option<usize>) -> Vec<Line> {
        let labels = self.rows.iter().map(|row| width::width(row.label)).max().unwrap_or(0);
        let left = INDENT + labels + 2;
        let room = columns.map(|columns| columns.saturating_sub(left)).filter(|room| *room >= LEAST);
        let mut lines = Vec::new();
        for Row { label, text, style } in &self.rows {
            for (at, text) in broken(text, room).into_iter().enumerate() {
                let label = if at == 0 { *label } else { "" };
                let gap = " ".repeat(left - INDENT - width::width(label));
                let begun = Line::default().plain(" ".repeat(INDENT)).styled(label, FAINT).plain(gap);
                lines.push(begun.styled(text, *style));
            }
        }
        lines
    }
}

/// Wraps a text at spaces, keeping its indentation. A word that is longer than a line stays whole,
/// so that it can be copied.
fn broken(text: &str, room: Option<usize>) -> Vec<String> {
    let Some(room) = room else { return vec![text.to_owned()] };
    let (indent, text) = text.split_at(text.len() - text.trim_start_matches(' ').len());
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width::width(line) + 1 + width::width(word) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("{indent}{word}")),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_under_one_another() {
        let mut card = Card::default();
        card.row("id", "1f2e3d4c");
        card.row("problem", "the folder now holds package Other");
        let drawn = anstream::adapter::strip_str(&card.draw(Some(36))).to_string();
        assert_eq!(drawn, "  id       1f2e3d4c\n  problem  the folder now holds\n           package Other\n");
    }

    #[test]
    fn a_long_word_is_left_whole() {
        assert_eq!(broken("a bbbbbbbbbb c", Some(4)), ["a", "bbbbbbbbbb", "c"]);
        assert_eq!(broken("", Some(4)), [""]);
    }

    #[test]
    fn an_indented_text_stays_indented() {
        assert_eq!(broken("  one two three", Some(9)), ["  one two", "  three"]);
    }
}
