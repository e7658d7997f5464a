//! A calendar that knows only the hours of a day in UTC, and one date, which is enough to test the
//! broker's part.

use oncue_core::{Calendar, Wall};

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// `calendar 9` fires every day at nine, `calendar hourly` every hour, `calendar minutely` every
/// minute, and `calendar date H` once, this many hours after the world began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hours;

impl Hours {
    fn rhythm(schedule: &str) -> Option<(i64, i64)> {
        match schedule.strip_prefix("calendar ")? {
            "hourly" => Some((0, HOUR)),
            "minutely" => Some((0, HOUR / 60)),
            hour => {
                hour.parse().ok().filter(|hour| (0..24).contains(hour)).map(|hour: i64| (hour * HOUR, DAY))
            }
        }
    }

    fn date(schedule: &str) -> Option<i64> {
        let hours: i64 = schedule.strip_prefix("calendar date ")?.parse().ok()?;
        Some(super::BEGIN.wall.0 + hours * HOUR)
    }
}

impl Calendar for Hours {
    fn check(&self, schedule: &str) -> Result<(), String> {
        let known = Self::rhythm(schedule).is_some() || Self::date(schedule).is_some();
        if known { Ok(()) } else { Err("no such hour".into()) }
    }

    fn next(&self, schedule: &str, after: Wall) -> Option<Wall> {
        if let Some(date) = Self::date(schedule) {
            return (date > after.0).then_some(Wall(date));
        }
        let (first, every) = Self::rhythm(schedule)?;
        Some(Wall(first + ((after.0 - first).div_euclid(every) + 1) * every))
    }

    fn is_wild(&self, schedule: &str) -> bool {
        matches!(schedule, "calendar hourly" | "calendar minutely")
    }
}
