//! What may wake a task, and its text form: `every 15m`, `once 15m`.

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;
use core::time::Duration;

use crate::span::{SpanError, parse_span, show_span};

/// What may wake a task; a task has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// WinRT's `TimeTrigger`: after so many minutes of real time, sleep included, once or again and again.
    Time {
        /// The span between registration and firing, and between firings.
        minutes: u32,
        /// Whether the registration ends with its first run.
        one_shot: bool,
    },
}

/// The text names no trigger.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TriggerError {
    /// Nothing was written.
    #[error("no trigger: write `every 15m` or `once 15m`")]
    Missing,
    /// The first word names no trigger.
    #[error("no trigger is called `{word}`: write `every 15m` or `once 15m`")]
    Unknown {
        /// The word.
        word: String,
    },
    /// The span is wrong.
    #[error(transparent)]
    Span(#[from] SpanError),
    /// The span is not a whole number of minutes.
    #[error("`{text}` is not a whole number of minutes")]
    NotMinutes {
        /// The span as written.
        text: String,
    },
}

impl Trigger {
    /// Returns the span between two firings, or nothing for a trigger that does not go by time.
    #[must_use]
    pub fn period(self) -> Option<Duration> {
        match self {
            Self::Time { minutes, .. } => Some(Duration::from_secs(u64::from(minutes) * 60)),
        }
    }

    /// Returns whether the registration ends with the first run.
    #[must_use]
    pub fn is_one_shot(self) -> bool {
        match self {
            Self::Time { one_shot, .. } => one_shot,
        }
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time { minutes, one_shot } => {
                let word = if *one_shot { "once" } else { "every" };
                write!(f, "{word} {}", show_span(Duration::from_secs(u64::from(*minutes) * 60)))
            }
        }
    }
}

impl FromStr for Trigger {
    type Err = TriggerError;

    fn from_str(text: &str) -> Result<Self, TriggerError> {
        let text = text.trim();
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let one_shot = match word {
            "" => return Err(TriggerError::Missing),
            "every" => false,
            "once" => true,
            _ => {
                return Err(TriggerError::Unknown { word: word.to_string() });
            }
        };
        let span = parse_span(rest)?;
        let minutes = u32::try_from(span.as_secs() / 60);
        match minutes {
            Ok(minutes) if span == Duration::from_secs(u64::from(minutes) * 60) => {
                Ok(Self::Time { minutes, one_shot })
            }
            _ => Err(TriggerError::NotMinutes { text: rest.to_string() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_it_reads() {
        for text in ["every 15m", "once 1h30m", "every 29d23h59m", "every 0s"] {
            assert_eq!(text.parse::<Trigger>().unwrap().to_string(), text);
        }
        assert_eq!("every 90 minutes".parse::<Trigger>().unwrap().to_string(), "every 1h30m");
    }

    #[test]
    fn refuses_what_is_no_trigger() {
        assert_eq!("".parse::<Trigger>(), Err(TriggerError::Missing));
        assert!(matches!("sometimes 15m".parse::<Trigger>(), Err(TriggerError::Unknown { .. })));
        assert!(matches!("every 90s".parse::<Trigger>(), Err(TriggerError::NotMinutes { .. })));
        assert!(matches!("every".parse::<Trigger>(), Err(TriggerError::Span(_))));
    }
}
