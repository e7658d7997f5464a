//! Shortens a file of output: keeps its beginning and its end, and says how much is left out in between.

use super::line::{self, Kind, Line, Stamp};
use crate::config;

/// How much of a run's output is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    /// The size of the beginning, in bytes of the file.
    pub(super) first: usize,
    /// The size of the end.
    pub(super) last: usize,
}

/// How much was left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct LeftOut {
    /// In bytes that the process wrote.
    output: u64,
    /// In bytes of the file.
    file: u64,
}

impl Bounds {
    pub(super) fn of(limits: &config::Output) -> Self {
        let bytes = |kib: u32| usize::try_from(kib).unwrap_or(usize::MAX).saturating_mul(1 << 10);
        Self { first: bytes(limits.first_kib), last: bytes(limits.last_kib) }
    }

    /// Returns the size above which the file of a run that goes on is shortened. It is larger than what is
    /// kept, so that each byte is moved only a few times.
    pub(super) fn most(self) -> u64 {
        (self.first + 2 * self.last) as u64
    }

    /// Returns the size above which the file of a run that has ended is shortened.
    pub(super) fn most_at_end(self) -> u64 {
        (self.first + self.last) as u64
    }
}

/// Returns the shortened content; it has at most one line of kind [`Kind::Cut`].
pub(super) fn shorten(content: &[u8], bounds: Bounds) -> Vec<u8> {
    let (head, mut left_out, rest) = beginning(content, bounds.first);
    let wanted = rest.len().saturating_sub(bounds.last);
    // At the beginning of a line.
    let removed = match rest.get(..wanted).and_then(|before| before.last()) {
        None | Some(b'\n') => wanted,
        Some(_) => {
            rest[wanted..].iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| wanted + at + 1)
        }
    };
    let (removed, tail) = rest.split_at(removed);
    let mut at = Stamp::of(oncue_core::Wall(0));
    left_out.file += removed.len() as u64;
    for line in removed.split(|byte| *byte == b'\n').filter_map(Line::parse) {
        at = Stamp::of(line.at);
        left_out.output += match line.kind {
            Kind::Out | Kind::Err => line.text.len() as u64 + 1,
            Kind::Gap | Kind::Cut | Kind::End => number(line.text),
        };
    }
    let mut shortened = Vec::with_capacity(head.len() + tail.len() + 128);
    shortened.extend_from_slice(head);
    let LeftOut { output, file } = left_out;
    let text = format!("{output} bytes of output are left out here ({file} bytes of this file)");
    line::write(&mut shortened, at, Kind::Cut, false, text.as_bytes());
    shortened.extend_from_slice(tail);
    shortened
}

/// Returns the beginning to keep, how much is already left out after it, and what follows.
fn beginning(content: &[u8], first: usize) -> (&[u8], LeftOut, &[u8]) {
    let mut end = 0;
    for line in content.split_inclusive(|byte| *byte == b'\n') {
        let parsed = line.strip_suffix(b"\n").and_then(Line::parse);
        if let Some(Line { kind: Kind::Cut, text, .. }) = parsed {
            let left_out = LeftOut { output: number(text), file: removed(text) };
            return (&content[..end], left_out, &content[end + line.len()..]);
        }
        if end + line.len() > first {
            break;
        }
        end += line.len();
    }
    (&content[..end], LeftOut::default(), &content[end..])
}

/// Returns the number with which a text begins.
fn number(text: &[u8]) -> u64 {
    text.iter()
        .take_while(|byte| byte.is_ascii_digit())
        .fold(0, |number: u64, digit| number.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
}

/// Returns how many bytes of the file a line of kind [`Kind::Cut`] says were removed.
pub(super) fn removed(text: &[u8]) -> u64 {
    text.iter().position(|byte| *byte == b'(').map_or(0, |at| number(&text[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use oncue_core::Wall;

    fn file(lines: impl Iterator<Item = usize>) -> Vec<u8> {
        let mut file = Vec::new();
        for number in lines {
            line::write(
                &mut file,
                Stamp::of(Wall(0)),
                Kind::Out,
                false,
                format!("line {number:04}").as_bytes(),
            );
        }
        file
    }

    fn texts(file: &[u8]) -> Vec<String> {
        let lines = file.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| String::from_utf8(Line::parse(line).unwrap().text.to_vec()).unwrap()).collect()
    }

    /// The length of one line.
    const LINE: usize = line::PREFIX + 10;

    #[test]
    fn the_beginning_and_the_end_stay_and_what_is_left_out_is_counted_every_time() {
        let bounds = Bounds { first: 2 * LINE + 5, last: 3 * LINE + 5 };
        let once = shorten(&file(0..10), bounds);
        let told = format!("50 bytes of output are left out here ({} bytes of this file)", 5 * LINE);
        assert_eq!(texts(&once), ["line 0000", "line 0001", &told, "line 0007", "line 0008", "line 0009"]);
        let twice = shorten(&[once, file(10..12)].concat(), bounds);
        let told = format!("70 bytes of output are left out here ({} bytes of this file)", 7 * LINE);
        assert_eq!(texts(&twice), ["line 0000", "line 0001", &told, "line 0009", "line 0010", "line 0011"]);
    }

    #[test]
    fn what_could_not_be_written_is_counted_when_it_is_left_out() {
        let mut content = file(0..1);
        line::write(
            &mut content,
            Stamp::of(Wall(0)),
            Kind::Gap,
            false,
            b"1000 bytes of output are missing here",
        );
        let content = [content, file(1..3)].concat();
        let shortened = shorten(&content, Bounds { first: LINE, last: LINE });
        assert!(texts(&shortened)[1].starts_with("1010 bytes of output"), "{:?}", texts(&shortened));
    }

    #[test]
    fn an_end_without_a_line_feed_is_left_out() {
        let shortened = shorten(&vec![b'x'; 1_000], Bounds { first: 10, last: 10 });
        assert_eq!(texts(&shortened), ["0 bytes of output are left out here (1000 bytes of this file)"]);
    }
}
