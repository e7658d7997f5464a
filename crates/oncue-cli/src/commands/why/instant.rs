//! An instant that has been, as people write it.

use jiff::civil::{DateTime, Time};
use jiff::{Timestamp, ToSpan as _, Zoned};

/// The text names no instant that has been.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum InstantError {
    /// It is written in no known way.
    #[error(
        "write it as 10:30, `yesterday 10:30`, `2026-11-22 10:30`, or as RFC 3339 has it, 2026-11-22T10:30:00Z"
    )]
    Unreadable,
    /// Nothing has happened then yet.
    #[error("that is ahead, and the ledger knows only what has been; the day before is `yesterday 10:30`")]
    Ahead,
}

/// Reads an instant, in microseconds since 1970; what names no zone is meant here.
pub(super) fn parse(text: &str) -> Result<i64, InstantError> {
    of(text, &Zoned::now())
}

fn of(text: &str, now: &Zoned) -> Result<i64, InstantError> {
    let text = text.trim();
    let at = if let Ok(at) = text.parse::<Timestamp>() {
        at
    } else {
        let local = local(text, now).ok_or(InstantError::Unreadable)?;
        let zoned = local.to_zoned(now.time_zone().clone()).map_err(|_| InstantError::Unreadable)?;
        zoned.timestamp()
    };
    if at > now.timestamp() { Err(InstantError::Ahead) } else { Ok(at.as_microsecond()) }
}

fn local(text: &str, now: &Zoned) -> Option<DateTime> {
    let (day, time) = match text.split_once(' ') {
        Some(("yesterday", time)) => (now.date().checked_sub(1.day()).ok()?, time),
        Some(("today", time)) => (now.date(), time),
        Some(_) => return text.parse().ok(),
        None if text.contains('-') => return text.parse().ok(),
        None => (now.date(), text),
    };
    Some(day.to_datetime(time.trim().parse::<Time>().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, InstantError> {
        let now: Zoned = "2026-11-22T12:00:00+01:00[+01:00]".parse().unwrap();
        of(text, &now).map(|at| Timestamp::from_microsecond(at).unwrap().to_string())
    }

    #[test]
    fn people_write_it_in_many_ways() {
        for (text, instant) in [
            ("10:30", "2026-11-22T09:30:00Z"),
            ("today 10:30:05", "2026-11-22T09:30:05Z"),
            ("yesterday 22:15", "2026-11-21T21:15:00Z"),
            ("2026-11-20 10:30", "2026-11-20T09:30:00Z"),
            ("2026-11-20T10:30", "2026-11-20T09:30:00Z"),
            ("2026-11-20T10:30:00.000001Z", "2026-11-20T10:30:00.000001Z"),
            ("2026-11-20T10:30:00+05:00", "2026-11-20T05:30:00Z"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(instant), "{text}");
        }
    }

    #[test]
    fn what_is_ahead_or_no_time_is_refused() {
        for text in ["12:01", "2026-11-22T12:00:00Z", "2030-01-01 00:00"] {
            assert_eq!(read(text), Err(InstantError::Ahead), "{text}");
        }
        for text in ["", "soon", "25:00", "yesterday", "tomorrow 10:30", "2026-13-01 10:30"] {
            assert_eq!(read(text), Err(InstantError::Unreadable), "{text}");
        }
    }
}
