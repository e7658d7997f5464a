//! Splits what a process writes into lines.

use super::line::{self, Kind, Stamp};

/// A longer line is split.
const MAX_LINE: usize = 8 * 1_024;

/// One stream of a run.
#[derive(Debug)]
pub(super) struct Pieces {
    kind: Kind,
    /// The beginning of a line whose end has not been written yet, and when it was written.
    rest: Vec<u8>,
    at: Option<Stamp>,
    /// Whether a piece of this line has already been passed on.
    continues: bool,
}

impl Pieces {
    pub(super) fn of(kind: Kind) -> Self {
        Self { kind, rest: Vec::new(), at: None, continues: false }
    }

    /// Accepts output, and appends the lines that are complete to `lines`.
    pub(super) fn take(&mut self, at: Stamp, bytes: &[u8], lines: &mut Vec<u8>) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, is_end) = match part.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (part, false),
            };
            let mut text = text;
            while self.rest.len() + text.len() > MAX_LINE {
                let (now, later) = text.split_at(MAX_LINE - self.rest.len());
                self.rest.extend_from_slice(now);
                self.at.get_or_insert(at);
                self.pass_on(lines);
                text = later;
            }
            self.rest.extend_from_slice(text);
            let began = *self.at.get_or_insert(at);
            if is_end {
                line::write(lines, began, self.kind, self.continues, &self.rest);
                self.rest.clear();
                (self.at, self.continues) = (None, false);
            }
        }
    }

    /// Whether the end of a line is awaited.
    pub(super) fn is_open(&self) -> bool {
        !self.rest.is_empty()
    }

    /// Appends the beginning of an unfinished line; what follows is marked as its continuation.
    pub(super) fn pass_on(&mut self, lines: &mut Vec<u8>) {
        let whole = whole_characters(&self.rest);
        if let Some(at) = self.at.filter(|_| whole > 0) {
            line::write(lines, at, self.kind, self.continues, &self.rest[..whole]);
            self.rest.drain(..whole);
            self.continues = true;
            self.at = self.at.filter(|_| !self.rest.is_empty());
        }
    }

    /// Appends what is left when the stream has ended.
    pub(super) fn finish(&mut self, lines: &mut Vec<u8>) {
        if let Some(at) = self.at.take()
            && !self.rest.is_empty()
        {
            line::write(lines, at, self.kind, self.continues, &self.rest);
        }
        self.rest.clear();
        self.continues = false;
    }
}

/// Returns the length of the text without an incomplete character at its end. If there are no others, the
/// text is not UTF-8, and is returned as it is.
fn whole_characters(text: &[u8]) -> usize {
    for back in 1..=text.len().min(4) {
        let at = text.len() - back;
        let needed = match text[at] {
            0x80..=0xbf => continue,
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xff => 4,
            _ => 1,
        };
        return if needed > back && at > 0 { at } else { text.len() };
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use oncue_core::Wall;

    fn texts(lines: &[u8]) -> Vec<(bool, String)> {
        let lines = lines.split(|byte| *byte == b'\n').filter_map(line::Line::parse);
        lines.map(|line| (line.continues, String::from_utf8(line.text.to_vec()).unwrap())).collect()
    }

    #[test]
    fn a_line_is_complete_with_its_line_feed_or_with_the_end() {
        let (mut pieces, mut lines, at) = (Pieces::of(Kind::Out), Vec::new(), Stamp::of(Wall(0)));
        for part in ["a", "b\n\nc", "", "d"] {
            pieces.take(at, part.as_bytes(), &mut lines);
        }
        assert_eq!(texts(&lines), [(false, "ab".into()), (false, String::new())]);
        pieces.finish(&mut lines);
        assert_eq!(texts(&lines).last().unwrap(), &(false, "cd".into()));
    }

    #[test]
    fn a_long_line_is_split_between_characters_and_marked() {
        let (mut pieces, mut lines, at) = (Pieces::of(Kind::Err), Vec::new(), Stamp::of(Wall(0)));
        let long = "x".to_owned() + &"ä".repeat(MAX_LINE) + "\nnext\n";
        pieces.take(at, long.as_bytes(), &mut lines);
        let texts = texts(&lines);
        let marks: Vec<bool> = texts.iter().map(|(continues, _)| *continues).collect();
        assert_eq!(marks, [false, true, true, false]);
        assert!(texts.iter().all(|(_, text)| text.len() <= MAX_LINE));
        assert_eq!(
            texts.iter().map(|(_, text)| text.as_str()).collect::<String>() + "\n",
            long.replacen('\n', "", 1)
        );
    }

    #[test]
    fn what_waits_for_its_end_is_passed_on_up_to_an_incomplete_character() {
        let (mut pieces, mut lines, at) = (Pieces::of(Kind::Out), Vec::new(), Stamp::of(Wall(0)));
        pieces.take(at, &"50 %, ü".as_bytes()[..7], &mut lines);
        pieces.pass_on(&mut lines);
        assert_eq!(texts(&lines), [(false, "50 %, ".into())]);
        pieces.take(at, &"50 %, ü\n".as_bytes()[7..], &mut lines);
        assert_eq!(texts(&lines)[1], (true, "ü".into()));
        assert!(!pieces.is_open());
    }

    #[test]
    fn what_is_not_text_is_split_all_the_same() {
        let (mut pieces, mut lines, at) = (Pieces::of(Kind::Out), Vec::new(), Stamp::of(Wall(0)));
        pieces.take(at, &vec![0xff; 3 * MAX_LINE], &mut lines);
        pieces.finish(&mut lines);
        let kept: usize = lines
            .split(|byte| *byte == b'\n')
            .filter_map(line::Line::parse)
            .map(|line| line.text.len())
            .sum();
        assert_eq!(kept, 3 * MAX_LINE);
    }
}
