//! The text of a manifest: decoded, without characters that XML forbids, and with the line and
//! column of each byte.

use crate::document::DocumentProblem;
use crate::problem::{Problem, ProblemKind, Severity};

/// The maximum size of a manifest, in bytes. A caller refuses a larger file without reading it.
pub const MAX_BYTES: usize = 1 << 20;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// A manifest's text and where its lines begin.
pub(crate) struct Source<'x> {
    text: &'x str,
    /// Byte offset of each line's first character.
    lines: Vec<usize>,
}

impl<'x> Source<'x> {
    /// Decodes a manifest, without a UTF-8 byte order mark.
    pub(crate) fn read(bytes: &'x [u8]) -> Result<Self, Problem> {
        if let Some(what) = not_xml_text(bytes) {
            return Err(problem(1, 1, what));
        }
        let text = decode(bytes)?;
        let source = Self::of(text);
        if let Some((at, character)) = text.char_indices().find(|(_, c)| !is_xml_character(*c)) {
            let (line, column) = source.position(at);
            return Err(problem(line, column, DocumentProblem::IllegalCharacter { character }));
        }
        Ok(source)
    }

    fn of(text: &'x str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Self { text, lines }
    }

    pub(crate) fn text(&self) -> &'x str {
        self.text
    }

    /// Returns the line and column of a byte, both from 1; past the end, the position after the
    /// last byte.
    pub(crate) fn position(&self, at: usize) -> (u32, u32) {
        let at = at.min(self.text.len());
        let line = self.line(at);
        let start = self.lines.get(line as usize - 1).copied().unwrap_or(0);
        let column = self.text.get(start..at).map_or(0, |before| before.chars().count());
        (line, count(column + 1))
    }

    /// Returns the line, from 1, of a byte.
    pub(crate) fn line(&self, at: usize) -> u32 {
        count(self.lines.partition_point(|start| *start <= at))
    }
}

/// Recognises files that are mistaken for a manifest.
fn not_xml_text(bytes: &[u8]) -> Option<DocumentProblem> {
    if bytes.len() > MAX_BYTES {
        return Some(DocumentProblem::TooLarge { size: bytes.len() });
    }
    match bytes {
        [b'P', b'K', 3, 4, ..] => Some(DocumentProblem::PackedPackage),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'<', 0, ..] | [0, b'<', ..] => Some(DocumentProblem::Utf16),
        _ => None,
    }
}

fn decode(bytes: &[u8]) -> Result<&str, Problem> {
    let body = bytes.strip_prefix(BOM).unwrap_or(bytes);
    std::str::from_utf8(body).map_err(|error| {
        let good = error.valid_up_to();
        let before = body.get(..good).and_then(|prefix| std::str::from_utf8(prefix).ok()).unwrap_or_default();
        let (line, column) = Source::of(before).position(good);
        let byte = body.get(good).copied().unwrap_or_default();
        problem(line, column, DocumentProblem::NotUtf8 { byte, offset: bytes.len() - body.len() + good })
    })
}

fn problem(line: u32, column: u32, what: DocumentProblem) -> Problem {
    Problem { severity: Severity::Error, line, column, what: ProblemKind::Document(what) }
}

/// Whether XML 1.0 allows the character (production `Char`).
pub(crate) fn is_xml_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_end_at_line_feeds() {
        let source = Source::of("äö<\r\n<b>");
        assert_eq!(source.position(0), (1, 1));
        assert_eq!(source.position(4), (1, 3));
        assert_eq!(source.position(7), (2, 1));
        assert_eq!(source.position(usize::MAX), (2, 4));
    }

    #[test]
    fn a_byte_order_mark_is_not_a_column() {
        let source = Source::read(b"\xef\xbb\xbf<a/>").unwrap();
        assert_eq!(source.text(), "<a/>");
    }

    #[test]
    fn the_bad_byte_is_counted_from_the_start_of_the_file() {
        let problem = Source::read(b"\xef\xbb\xbf<a>\n\xc3\xa4\xff</a>").err().unwrap();
        assert_eq!((problem.line, problem.column), (2, 2));
        assert_eq!(problem.what, DocumentProblem::NotUtf8 { byte: 0xff, offset: 9 }.into());
    }
}
