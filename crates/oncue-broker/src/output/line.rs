//! The form of one line in a file of output.
//!
//! ```text
//! 2026-11-27T21:10:41.123Z out copying 12 files
//! 2026-11-27T21:10:41.125Z err+the rest of a line that was split
//! 2026-11-27T21:10:42.001Z cut 1048576 bytes of output are left out here (1310720 bytes of this file)
//! 2026-11-27T21:10:44.310Z gap 65536 bytes of output are missing here: …
//! 2026-11-27T21:10:45.003Z end failed
//! ```
//!
//! The text is what the process wrote, byte for byte, without the end of the line. It may contain control
//! characters and invalid UTF-8, but never a line feed, so nothing that a process writes can be taken for the
//! beginning of another line.

use jiff::Timestamp;
use oncue_core::Wall;

/// The kind of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
    /// The middle of the output was removed here, because the run wrote more than is kept.
    Cut,
    /// Output is missing here, because it could not be written.
    Gap,
    /// The run has ended; the text is its outcome.
    End,
}

/// One line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// When it was read from the process, to the millisecond.
    pub at: Wall,
    /// What it is.
    pub kind: Kind,
    /// Whether it continues the previous line of the same kind, which was split.
    pub continues: bool,
    /// Its text.
    pub text: &'a [u8],
}

/// A time, as lines begin with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp([u8; STAMP]);

/// The length of a time.
const STAMP: usize = "2026-11-27T21:10:41.123Z".len();

/// The length of what stands before the text.
pub(super) const PREFIX: usize = STAMP + " out ".len();

impl Kind {
    const ALL: [Self; 5] = [Self::Out, Self::Err, Self::Cut, Self::Gap, Self::End];

    /// Returns its word in the file and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::Err => "err",
            Self::Cut => "cut",
            Self::Gap => "gap",
            Self::End => "end",
        }
    }
}

impl Stamp {
    /// The time, in UTC. A time before 1970 is written as the beginning of 1970.
    pub(super) fn of(at: Wall) -> Self {
        let at = Timestamp::from_microsecond(at.0.max(0)).unwrap_or(Timestamp::MAX);
        let text = at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
        let mut stamp = *b"1970-01-01T00:00:00.000Z";
        if text.len() == STAMP {
            stamp.copy_from_slice(text.as_bytes());
        }
        Self(stamp)
    }
}

impl<'a> Line<'a> {
    /// Parses a line, given without its line feed. Returns `None` if it does not have this form, as a line
    /// that was not written completely before a crash.
    #[must_use]
    pub fn parse(line: &'a [u8]) -> Option<Self> {
        let (prefix, text) = line.split_at_checked(PREFIX)?;
        let (stamp, rest) = prefix.split_at(STAMP);
        let at: Timestamp = str::from_utf8(stamp).ok()?.parse().ok()?;
        let (word, mark) = (&rest[1..4], rest[4]);
        let kind = Kind::ALL.into_iter().find(|kind| kind.name().as_bytes() == word)?;
        let continues = match (rest[0], mark) {
            (b' ', b' ') => false,
            (b' ', b'+') => true,
            _ => return None,
        };
        Some(Self { at: Wall(at.as_microsecond()), kind, continues, text })
    }
}

/// Appends a line.
pub(super) fn write(to: &mut Vec<u8>, at: Stamp, kind: Kind, continues: bool, text: &[u8]) {
    to.extend_from_slice(&at.0);
    to.push(b' ');
    to.extend_from_slice(kind.name().as_bytes());
    to.push(if continues { b'+' } else { b' ' });
    to.extend_from_slice(text);
    to.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Wall = Wall(1_795_813_841_123_456);

    #[test]
    fn a_line_is_read_as_it_was_written() {
        for (kind, continues, text) in [
            (Kind::Out, false, &b"copying 12 files"[..]),
            (Kind::Err, true, b"\x1b[31m\xff\t"),
            (Kind::End, false, b"failed"),
            (Kind::Out, false, b""),
        ] {
            let mut file = Vec::new();
            write(&mut file, Stamp::of(AT), kind, continues, text);
            assert!(file.starts_with(b"2026-11-27T21:10:41.123Z "), "{}", file.escape_ascii());
            let line = Line::parse(file.strip_suffix(b"\n").unwrap()).unwrap();
            let at = Wall(AT.0 / 1_000 * 1_000);
            assert_eq!(line, Line { at, kind, continues, text });
        }
    }

    #[test]
    fn what_was_not_written_completely_is_no_line() {
        for torn in [
            "",
            "2026-11-27T21:10:41.123Z ou",
            "2026-11-27T21:10:41.123Z oxt ",
            "x026-11-27T21:10:41.123Z out ",
        ] {
            assert_eq!(Line::parse(torn.as_bytes()), None, "{torn}");
        }
        assert_eq!(Stamp::of(Wall(i64::MIN)), Stamp::of(Wall(0)));
        assert_eq!(&Stamp::of(Wall(i64::MAX)).0[..5], b"9999-");
    }
}
