//! Times as on the wire: microseconds since 1970-01-01 00:00 UTC.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Returns the time this many microseconds after 1970, or 1970 if it is out of range.
#[must_use]
pub fn system_time(micros: i64) -> SystemTime {
    let span = Duration::from_micros(micros.unsigned_abs());
    let time = if micros < 0 { UNIX_EPOCH.checked_sub(span) } else { UNIX_EPOCH.checked_add(span) };
    time.unwrap_or(UNIX_EPOCH)
}

/// Returns the microseconds between 1970 and a time, or the maximum if it is out of range.
#[must_use]
pub fn micros(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_micros()).map_or(i64::MIN, i64::saturating_neg),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_comes_back() {
        for at in [0, 1, -1, 1_795_330_800_000_000, -62_135_596_800_000_000] {
            assert_eq!(micros(system_time(at)), at);
        }
    }
}
