//! Lengths of time as people write them: `15m`, `1h30m`, `2 days`.

use alloc::string::String;
use core::fmt::Write as _;
use core::time::Duration;

/// The text is not a length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a length of time: `{text}` (write a number and a unit: ms, s, m, h or d, as in 15m or 1h30m)")]
pub struct SpanError {
    /// The text.
    pub text: String,
}

/// The units: their names, and their length in microseconds, longest first.
const UNITS: [(&[&str], u64); 6] = [
    (&["d", "day", "days"], 86_400_000_000),
    (&["h", "hour", "hours"], 3_600_000_000),
    (&["m", "min", "minute", "minutes"], 60_000_000),
    (&["s", "sec", "second", "seconds"], 1_000_000),
    (&["ms"], 1_000),
    (&["us"], 1),
];

/// Parses a length of time: one or more numbers with units; spaces are allowed.
///
/// # Errors
/// Returns an error if a number or a unit is missing or unknown, or if the sum exceeds 64 bits of
/// microseconds.
pub fn parse_span(text: &str) -> Result<Duration, SpanError> {
    let error = || SpanError { text: text.into() };
    let mut rest = text.trim();
    let mut total = 0_u64;
    if rest.is_empty() {
        return Err(error());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let number: u64 = rest[..digits].parse().map_err(|_| error())?;
        rest = rest[digits..].trim_start();
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let unit = &rest[..letters];
        let (_, micros) = UNITS.iter().find(|(names, _)| names.contains(&unit)).ok_or_else(error)?;
        let part = number.checked_mul(*micros).ok_or_else(error)?;
        total = total.checked_add(part).ok_or_else(error)?;
        rest = rest[letters..].trim_start();
    }
    Ok(Duration::from_micros(total))
}

/// Displays a length of time in a form that [`parse_span`] accepts: `1h30m`, `0s`.
#[must_use]
pub fn show_span(span: Duration) -> String {
    let mut left = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
    let mut text = String::new();
    for (names, micros) in UNITS {
        let count = left / micros;
        left %= micros;
        if count > 0 {
            // Writing to a String cannot fail.
            let _ = write!(text, "{count}{}", names[0]);
        }
    }
    if text.is_empty() { "0s".into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        for (text, seconds) in
            [("15m", 900), ("1h30m", 5_400), ("1 h 30 min", 5_400), ("2 days", 172_800), ("0s", 0)]
        {
            assert_eq!(parse_span(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(parse_span("1s500ms"), Ok(Duration::from_millis(1_500)));
    }

    #[test]
    fn refuses_what_is_no_span() {
        for text in ["", "15", "m", "15 parsecs", "-1s", "99999999999999999999s", "300000000000d"] {
            assert!(parse_span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn shows_what_it_reads() {
        for text in ["15m", "1h30m", "29d23h59m", "250ms", "0s"] {
            assert_eq!(show_span(parse_span(text).unwrap()), text);
        }
    }
}
