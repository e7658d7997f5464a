//! The value of a fact: yes or no, or a percentage.

use core::fmt;
use core::str::FromStr;

/// The value of a fact, written `on`, `off` or `80%`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Whether the fact holds.
    Is(bool),
    /// A percentage from 0 to 100.
    Percent(u8),
}

/// The text is not a valid value of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value of a fact is `on`, `off` or a percentage such as `80%`")]
pub struct NoReading;

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(true) => f.write_str("on"),
            Self::Is(false) => f.write_str("off"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

impl From<bool> for Reading {
    fn from(value: bool) -> Self {
        Self::Is(value)
    }
}

impl FromStr for Reading {
    type Err = NoReading;

    fn from_str(text: &str) -> Result<Self, NoReading> {
        match text {
            "on" | "yes" | "true" => return Ok(Self::Is(true)),
            "off" | "no" | "false" => return Ok(Self::Is(false)),
            _ => {}
        }
        let number = text.strip_suffix('%').and_then(|digits| digits.parse().ok());
        number.filter(|percent| *percent <= 100).map(Self::Percent).ok_or(NoReading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn shows_what_it_reads() {
        for text in ["on", "off", "0%", "100%"] {
            assert_eq!(text.parse::<Reading>().unwrap().to_string(), text);
        }
        for text in ["", "101%", "80", "-1%", "perhaps"] {
            assert_eq!(text.parse::<Reading>(), Err(NoReading), "{text}");
        }
    }
}
