//! Parses instants as people write them.

use jiff::civil::{DateTime, Time};
use jiff::{Timestamp, ToSpan as _, Zoned};
use oncue_types::Wall;

/// The text is not an instant, or not one at the required side of now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InstantError {
    /// The format is unknown.
    #[error("write it as 10:30, `yesterday 10:30`, `2026-11-22 10:30`, or RFC 3339, 2026-11-22T10:30:00Z")]
    Unreadable,
    /// Neither an instant in the past nor a length of time.
    #[error(
        "write it as 24h, 10:30, yesterday, `yesterday 10:30`, `2026-11-22 10:30`, or RFC 3339, 2026-11-22T10:30:00Z"
    )]
    UnreadableSince,
    /// Neither an instant in the future nor a length of time.
    #[error(
        "write it as +24h, 18:00, tomorrow, `tomorrow 18:00`, `2038-01-19 10:30`, or RFC 3339, 2038-01-19T03:14:07Z"
    )]
    UnreadableUntil,
    /// The instant is in the future.
    #[error("this time is in the future, but the ledger only contains the past")]
    Ahead,
    /// The instant is in the past.
    #[error("this time has passed")]
    Passed,
}

/// Parses an instant in the past. Without a zone, it is in local time. A time of day without a day is the latest
/// one.
pub(crate) fn parse_past(text: &str) -> Result<Wall, InstantError> {
    past(text, &Zoned::now())
}

/// Parses an instant in the past, or how long ago it was: `2h`, `yesterday`.
pub(crate) fn parse_since(text: &str) -> Result<Wall, InstantError> {
    since(text, &Zoned::now())
}

fn since(text: &str, now: &Zoned) -> Result<Wall, InstantError> {
    if let Ok(ago) = oncue_types::parse_span(text) {
        let ago = i64::try_from(ago.as_micros()).unwrap_or(i64::MAX);
        return Ok(Wall(now.timestamp().as_microsecond().saturating_sub(ago)));
    }
    let found = match text.trim() {
        day @ ("today" | "yesterday" | "tomorrow") => past(&format!("{day} 00:00"), now),
        text => past(text, now),
    };
    found.map_err(|error| error.or(InstantError::UnreadableSince))
}

/// Parses an instant in the future. Without a zone, it is in local time. A time of day without a day is the
/// next one.
pub(crate) fn parse_future(text: &str) -> Result<Wall, InstantError> {
    future(text, &Zoned::now())
}

/// Parses an instant in the future, or how far it is ahead: `+2h`.
pub(crate) fn parse_until(text: &str) -> Result<Wall, InstantError> {
    until(text, &Zoned::now())
}

fn until(text: &str, now: &Zoned) -> Result<Wall, InstantError> {
    let text = text.trim();
    if let Ok(ahead) = oncue_types::parse_span(text.strip_prefix('+').unwrap_or(text)) {
        return Ok(Wall(now.timestamp().as_microsecond()).after(ahead));
    }
    let found = match text {
        day @ ("today" | "yesterday" | "tomorrow") => future(&format!("{day} 00:00"), now),
        text => future(text, now),
    };
    found.map_err(|error| error.or(InstantError::UnreadableUntil))
}

impl InstantError {
    /// Returns the error, or the one that names more forms.
    fn or(self, unreadable: Self) -> Self {
        if self == Self::Unreadable { unreadable } else { self }
    }
}

/// Parses an instant. Without a zone, it is in local time.
pub(crate) fn parse(text: &str) -> Result<Timestamp, InstantError> {
    of(text, &Zoned::now())
}

fn past(text: &str, now: &Zoned) -> Result<Wall, InstantError> {
    let is_past = |at: &Timestamp| *at <= now.timestamp();
    nearest(text, "yesterday", now, is_past)?.ok_or(InstantError::Ahead)
}

fn future(text: &str, now: &Zoned) -> Result<Wall, InstantError> {
    let is_ahead = |at: &Timestamp| *at > now.timestamp();
    nearest(text, "tomorrow", now, is_ahead)?.ok_or(InstantError::Passed)
}

/// Returns the instant if it is on the required side of now. A time of day without a day may also be that of
/// `other_day`.
fn nearest(
    text: &str,
    other_day: &str,
    now: &Zoned,
    fits: impl Fn(&Timestamp) -> bool,
) -> Result<Option<Wall>, InstantError> {
    let text = text.trim();
    let is_time_of_day = !text.contains(['-', ' ']);
    let other = || of(&format!("{other_day} {text}"), now).ok().filter(|at| is_time_of_day && fits(at));
    let at = Some(of(text, now)?).filter(&fits).or_else(other);
    Ok(at.map(|at| Wall(at.as_microsecond())))
}

fn of(text: &str, now: &Zoned) -> Result<Timestamp, InstantError> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let local = local(text, now).ok_or(InstantError::Unreadable)?;
    let zoned = local.to_zoned(now.time_zone().clone()).map_err(|_| InstantError::Unreadable)?;
    Ok(zoned.timestamp())
}

fn local(text: &str, now: &Zoned) -> Option<DateTime> {
    let (day, time) = match text.split_once(' ') {
        Some(("yesterday", time)) => (now.date().checked_sub(1.day()).ok()?, time),
        Some(("today", time)) => (now.date(), time),
        Some(("tomorrow", time)) => (now.date().checked_add(1.day()).ok()?, time),
        Some(_) => return text.parse().ok(),
        None if text.contains('-') => return text.parse().ok(),
        None => (now.date(), text),
    };
    let time = time.trim();
    // People omit the leading zero in 7:00.
    let padded = if time.find(':') == Some(1) { format!("0{time}") } else { time.to_owned() };
    Some(day.to_datetime(padded.parse::<Time>().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, InstantError> {
        let now: Zoned = "2026-11-22T12:00:00+01:00[+01:00]".parse().unwrap();
        past(text, &now).map(|at| Timestamp::from_microsecond(at.0).unwrap().to_string())
    }

    #[test]
    fn an_instant_may_be_ahead_where_nobody_asks_for_the_past() {
        let now: Zoned = "2026-11-22T12:00:00+01:00[+01:00]".parse().unwrap();
        for (text, instant) in [
            ("tomorrow 10:30", "2026-11-23T09:30:00Z"),
            ("2038-01-19", "2038-01-18T23:00:00Z"),
            ("2038-01-19T03:14:07Z", "2038-01-19T03:14:07Z"),
        ] {
            assert_eq!(of(text, &now).map(|at| at.to_string()).as_deref(), Ok(instant), "{text}");
        }
    }

    #[test]
    fn people_write_it_in_many_ways() {
        for (text, instant) in [
            ("10:30", "2026-11-22T09:30:00Z"),
            ("today 10:30:05", "2026-11-22T09:30:05Z"),
            ("7:05", "2026-11-22T06:05:00Z"),
            ("12:00", "2026-11-22T11:00:00Z"),
            ("12:01", "2026-11-21T11:01:00Z"),
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
    fn what_is_long_ago_may_be_said_as_such() {
        let now: Zoned = "2026-11-22T12:00:00+01:00[+01:00]".parse().unwrap();
        for (text, instant) in [
            ("2h", "2026-11-22T09:00:00Z"),
            ("1d12h", "2026-11-20T23:00:00Z"),
            ("today", "2026-11-21T23:00:00Z"),
            ("yesterday", "2026-11-20T23:00:00Z"),
            ("2026-11-20", "2026-11-19T23:00:00Z"),
            ("10:30", "2026-11-22T09:30:00Z"),
        ] {
            let read = since(text, &now).map(|at| Timestamp::from_microsecond(at.0).unwrap().to_string());
            assert_eq!(read.as_deref(), Ok(instant), "{text}");
        }
        assert_eq!(since("today 13:00", &now), Err(InstantError::Ahead));
        assert_eq!(since("tomorrow", &now), Err(InstantError::Ahead));
        assert_eq!(since("soon", &now), Err(InstantError::UnreadableSince));
    }

    #[test]
    fn an_end_must_be_ahead() {
        let now: Zoned = "2026-11-22T12:00:00+01:00[+01:00]".parse().unwrap();
        let read = |text| future(text, &now).map(|at| Timestamp::from_microsecond(at.0).unwrap().to_string());
        for (text, instant) in [
            ("18:00", "2026-11-22T17:00:00Z"),
            ("tomorrow 9:00", "2026-11-23T08:00:00Z"),
            ("9:00", "2026-11-23T08:00:00Z"),
            (" 12:00", "2026-11-23T11:00:00Z"),
            ("2026-11-22T11:00:00.000001Z", "2026-11-22T11:00:00.000001Z"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(instant), "{text}");
        }
        for text in ["today 12:00", "yesterday 18:00", "2026-11-21 18:00", "2026-11-22T11:00:00Z"] {
            assert_eq!(read(text), Err(InstantError::Passed), "{text}");
        }
        assert_eq!(read("soon"), Err(InstantError::Unreadable));
    }

    #[test]
    fn what_is_ahead_may_be_said_as_such() {
        let now: Zoned = "2026-11-22T12:00:00+01:00[+01:00]".parse().unwrap();
        assert_eq!(until("yesterday", &now), Err(InstantError::Passed));
        assert_eq!(until("soon", &now), Err(InstantError::UnreadableUntil));
        let read = |text| until(text, &now).map(|at| Timestamp::from_microsecond(at.0).unwrap().to_string());
        for (text, instant) in [
            ("+24h", "2026-11-23T11:00:00Z"),
            ("24h", "2026-11-23T11:00:00Z"),
            ("tomorrow", "2026-11-22T23:00:00Z"),
            ("+0h", "2026-11-22T11:00:00Z"),
            ("18:00", "2026-11-22T17:00:00Z"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(instant), "{text}");
        }
        assert_eq!(read("+soon"), Err(InstantError::UnreadableUntil));
    }

    #[test]
    fn what_is_ahead_or_no_time_is_refused() {
        for text in ["today 12:01", "2026-11-22T12:00:00Z", "2030-01-01 00:00", "tomorrow 10:30"] {
            assert_eq!(read(text), Err(InstantError::Ahead), "{text}");
        }
        for text in ["", "soon", "25:00", "yesterday", "soon 10:30", "2026-13-01 10:30"] {
            assert_eq!(read(text), Err(InstantError::Unreadable), "{text}");
        }
    }
}
