//! Times and durations, as people and scripts read them.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use oncue_types::Wall;

/// The current time, and the time zone.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    now: Wall,
    zone: TimeZone,
}

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A firing that can be delayed by less than this is shown without a window.
const LEAST_WINDOW: Duration = Duration::from_secs(1);

impl Clock {
    /// Uses the system's time and time zone.
    pub(crate) fn here() -> Self {
        Self { now: Wall(Timestamp::now().as_microsecond()), zone: TimeZone::system() }
    }

    /// A clock that stands still, for tests.
    pub(crate) fn at(now: Wall, zone: TimeZone) -> Self {
        Self { now, zone }
    }

    /// Returns the current time.
    pub(crate) fn now(&self) -> Wall {
        self.now
    }

    /// Returns the time in RFC 3339 format, with microseconds and offset.
    pub(crate) fn rfc3339(&self, at: Wall) -> String {
        self.format(at, "%Y-%m-%dT%H:%M:%S%.6f%:z")
    }

    /// Returns the local date and time.
    pub(crate) fn local(&self, at: Wall) -> String {
        self.format(at, "%Y-%m-%d %H:%M:%S")
    }

    /// Returns the local time, with the date unless it is today.
    pub(crate) fn brief(&self, at: Wall) -> String {
        let today = self.format(self.now, "%Y-%m-%d") == self.format(at, "%Y-%m-%d");
        self.format(at, if today { "%H:%M:%S" } else { "%Y-%m-%d %H:%M" })
    }

    /// Returns when the local day began at that time.
    pub(crate) fn start_of_day(&self, at: Wall) -> Wall {
        let start = Timestamp::from_microsecond(at.0).ok().map(|at| at.to_zoned(self.zone.clone()));
        let start = start.and_then(|zoned| zoned.start_of_day().ok());
        start.map_or(at, |zoned| Wall(zoned.timestamp().as_microsecond()))
    }

    /// Returns the local time in a few characters: the day if the day begins then.
    pub(crate) fn tick(&self, at: Wall) -> String {
        self.format(at, if self.start_of_day(at) == at { "%b %-d" } else { "%H:%M" })
    }

    /// Returns the local time with milliseconds.
    pub(crate) fn millis(&self, at: Wall) -> String {
        self.format(at, "%H:%M:%S%.3f")
    }

    /// Returns how far away the time is: `in 12 min`, `3 h ago`.
    pub(crate) fn distance(&self, at: Wall) -> String {
        match at.0.saturating_sub(self.now.0) {
            away if away.unsigned_abs() < SECOND.unsigned_abs() => "now".to_owned(),
            away if away > 0 => format!("in {}", rough(away)),
            away => format!("{} ago", rough(away.saturating_neg())),
        }
    }

    /// Returns how long ago the time is: `3 h`.
    pub(crate) fn since(&self, at: Wall) -> String {
        rough(self.now.0.saturating_sub(at.0).max(0))
    }

    /// Returns how long [`distance`](Self::distance) and [`since`](Self::since) stay as they are.
    pub(crate) fn steady_for(&self, at: Wall) -> Duration {
        let away = at.0.saturating_sub(self.now.0);
        let unit = match away.saturating_abs() {
            ..MINUTE => SECOND,
            MINUTE..DAY => MINUTE,
            _ => HOUR,
        };
        let left = if away >= SECOND { away % unit + 1 } else { unit - away.saturating_neg().max(0) % unit };
        Duration::from_micros(left.unsigned_abs())
    }

    /// Returns a time that may be delayed until `by`: `in 12 min (13:12:00 to 13:13:00)`.
    pub(crate) fn window(&self, at: Wall, by: Option<Wall>) -> String {
        let until = by.filter(|by| by.since(at) >= LEAST_WINDOW);
        let until = until.map(|by| format!(" to {}", self.brief(by))).unwrap_or_default();
        format!("{} ({}{until})", self.distance(at), self.brief(at))
    }

    /// Returns the same in short form: `in 12 min +1 min`.
    pub(crate) fn short_window(&self, at: Wall, by: Option<Wall>) -> String {
        match by.map(|by| by.since(at)).filter(|wait| *wait >= LEAST_WINDOW) {
            Some(wait) => format!("{} +{}", self.distance(at), rough(micros(wait))),
            None => self.distance(at),
        }
    }

    fn format(&self, at: Wall, format: &str) -> String {
        // A time outside the calendar's range is shown as the end of the range.
        let end = if at.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
        let at = Timestamp::from_microsecond(at.0).unwrap_or(end);
        at.to_zoned(self.zone.clone()).strftime(format).to_string()
    }
}

/// Returns a duration in its largest unit.
fn rough(micros: i64) -> String {
    match micros {
        ..MINUTE => format!("{} s", micros / SECOND),
        MINUTE..HOUR => format!("{} min", micros / MINUTE),
        HOUR..DAY => two(micros / HOUR, "h", micros % HOUR / MINUTE, "min"),
        _ => two(micros / DAY, "d", micros % DAY / HOUR, "h"),
    }
}

/// Returns a duration with the precision that suits how long something took.
pub(crate) fn length(took: Duration) -> String {
    match micros(took) {
        micros @ ..1_000 => format!("{micros} µs"),
        micros @ 1_000..SECOND => format!("{} ms", micros / 1_000),
        micros @ SECOND..MINUTE => format!("{}.{} s", micros / SECOND, micros % SECOND / 100_000),
        micros @ MINUTE..HOUR => two(micros / MINUTE, "min", micros % MINUTE / SECOND, "s"),
        micros => rough(micros),
    }
}

/// Returns a duration in milliseconds.
pub(crate) fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

fn two(great: i64, unit: &str, small: i64, small_unit: &str) -> String {
    if small == 0 { format!("{great} {unit}") } else { format!("{great} {unit} {small} {small_unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_795_348_800 * SECOND;

    fn clock() -> Clock {
        Clock::at(Wall(NOON), TimeZone::fixed(jiff::tz::offset(1)))
    }

    #[test]
    fn a_time_has_its_offset() {
        assert_eq!(clock().rfc3339(Wall(NOON + 1)), "2026-11-22T13:00:00.000001+01:00");
        assert_eq!(clock().rfc3339(Wall(i64::MAX)).len(), "9999-12-31T23:59:59.999999+01:00".len());
    }

    #[test]
    fn today_needs_no_date() {
        assert_eq!(clock().brief(Wall(NOON)), "13:00:00");
        assert_eq!(clock().brief(Wall(NOON + DAY)), "2026-11-23 13:00");
        assert_eq!(clock().local(Wall(NOON)), "2026-11-22 13:00:00");
    }

    #[test]
    fn a_window_is_shown_where_there_is_one() {
        let at = Wall(NOON + 12 * MINUTE);
        for (by, long, short) in [
            (None, "in 12 min (13:12:00)", "in 12 min"),
            (Some(at), "in 12 min (13:12:00)", "in 12 min"),
            (Some(at.after(Duration::from_secs(40))), "in 12 min (13:12:00 to 13:12:40)", "in 12 min +40 s"),
        ] {
            assert_eq!(clock().window(at, by), long);
            assert_eq!(clock().short_window(at, by), short);
        }
    }

    #[test]
    fn a_distance_has_its_greatest_units() {
        for (away, text) in [
            (0, "now"),
            (12 * MINUTE + SECOND, "in 12 min"),
            (-3 * HOUR, "3 h ago"),
            (-(3 * HOUR + 5 * MINUTE), "3 h 5 min ago"),
            (2 * DAY + HOUR, "in 2 d 1 h"),
            (-59 * SECOND, "59 s ago"),
        ] {
            assert_eq!(clock().distance(Wall(NOON + away)), text);
        }
    }

    #[test]
    fn a_distance_stays_as_long_as_is_said() {
        for away in [
            0,
            SECOND / 2,
            SECOND,
            5 * SECOND + 1,
            59 * SECOND,
            12 * MINUTE,
            12 * MINUTE + 7,
            3 * HOUR + 5 * SECOND,
            2 * DAY + 5 * MINUTE,
        ] {
            for at in [Wall(NOON + away), Wall(NOON - away)] {
                let steady = i64::try_from(clock().steady_for(at).as_micros()).unwrap();
                let later = |micros| Clock::at(Wall(NOON + micros), TimeZone::UTC);
                let said = |clock: &Clock| (clock.distance(at), clock.since(at));
                assert_eq!(said(&later(steady - 1)), said(&clock()), "{away}");
                let changes = said(&later(steady)) != said(&clock());
                // Just before the time, it is looked at once more.
                assert!(changes || away < SECOND, "{away}");
            }
        }
    }

    #[test]
    fn a_length_is_as_exact_as_it_matters() {
        for (micros, text) in [
            (0, "0 µs"),
            (950, "950 µs"),
            (1_400, "1 ms"),
            (5_230_000, "5.2 s"),
            (61_000_000, "1 min 1 s"),
            (90_000_000_000, "1 d 1 h"),
        ] {
            assert_eq!(length(Duration::from_micros(micros)), text);
        }
    }
}
