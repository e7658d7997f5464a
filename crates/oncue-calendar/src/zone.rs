//! The time zone at the end of an expression.

use alloc::boxed::Box;
use core::fmt;

use crate::on_calendar::is_shorthand;
use crate::weekdays::NAMES;

/// The time zone of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Zone {
    /// The local one, because it names none.
    Local,
    /// `UTC`.
    Utc,
    /// A name of the IANA database.
    Named(Box<str>),
}

impl Zone {
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Local => None,
            Self::Utc => Some(UTC),
            Self::Named(name) => Some(name),
        }
    }
}

/// Displays a space and the name, or nothing.
impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name().map_or(Ok(()), |name| write!(f, " {name}"))
    }
}

const UTC: &str = "UTC";

/// Splits a text into the expression and the zone after its last space.
pub(crate) fn split(text: &str) -> (&str, Zone) {
    let parts = text.rsplit_once(' ').and_then(|(before, word)| Some((before, read(word)?)));
    parts.unwrap_or((text, Zone::Local))
}

/// Parses a word as a zone, if possible.
pub(crate) fn read(word: &str) -> Option<Zone> {
    match word {
        _ if word.eq_ignore_ascii_case(UTC) => Some(Zone::Utc),
        _ => is_zone(word).then(|| Zone::Named(word.into())),
    }
}

/// Whether a word can name a time zone: a letter, followed by letters, digits and `_+-/`; not a
/// weekday or shorthand.
fn is_zone(word: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-' | '/');
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.chars().all(part)
        && !word.ends_with('/')
        && !word.contains("//")
        && !is_weekday(word.split('-').next().unwrap_or(word))
        && !is_shorthand(word)
}

fn is_weekday(word: &str) -> bool {
    NAMES.iter().any(|(full, short)| word.eq_ignore_ascii_case(full) || word.eq_ignore_ascii_case(short))
}
