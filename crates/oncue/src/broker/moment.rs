//! Instants on the wire, as the standard library has them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use oncue_types::Wall;

/// Returns an instant from the broker as a time, or 1970 if it is out of range.
#[must_use]
pub fn system_time(at: Wall) -> SystemTime {
    let span = Duration::from_micros(at.0.unsigned_abs());
    let time = if at.0 < 0 { UNIX_EPOCH.checked_sub(span) } else { UNIX_EPOCH.checked_add(span) };
    time.unwrap_or(UNIX_EPOCH)
}

/// Returns a time as an instant, or the first or last instant if it is out of range.
#[must_use]
pub fn wall(time: SystemTime) -> Wall {
    Wall(match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_micros()).map_or(i64::MIN, i64::saturating_neg),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_comes_back() {
        for at in [0, 1, -1, 1_795_330_800_000_000, -62_135_596_800_000_000] {
            assert_eq!(wall(system_time(Wall(at))), Wall(at));
        }
    }
}
