//! Sections of a manual page.

use roff::{Inline, Roff, roman};

/// Adds a section of paragraphs.
pub(super) fn section(page: &mut Roff, title: &str, paragraphs: &[Vec<Inline>]) {
    page.control("SH", [title]);
    for (at, paragraph) in paragraphs.iter().enumerate() {
        if at > 0 {
            page.control("PP", []);
        }
        page.text(paragraph.clone());
    }
}

/// Adds an entry of a list: a term, and the text that explains it.
pub(super) fn entry(page: &mut Roff, term: Vec<Inline>, text: &str) {
    page.control("TP", []);
    page.text(term);
    page.text(vec![roman(text)]);
}

/// Adds lines that are shown as they are.
pub(super) fn literal(page: &mut Roff, lines: &str) {
    page.control("EX", []);
    page.text(vec![roman(lines)]);
    page.control("EE", []);
}
