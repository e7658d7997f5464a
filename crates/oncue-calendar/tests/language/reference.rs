//! Compares random expressions with a reference that checks every second or minute in turn.

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use oncue_calendar::Schedule;
use proptest::prelude::*;
use proptest::sample::select;

use crate::zones::{at, zone};

/// A time within this many seconds of a change of the zone's clock, or of the end of a year, a
/// month or a leap day.
fn places(around: Range<i64>) -> impl Strategy<Value = (TimeZone, Timestamp)> {
    let places = select(vec![
        ("Europe/Berlin", "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", "2026-10-25T01:00:00Z"),
        ("Europe/Dublin", "2026-03-29T01:00:00Z"),
        ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-03T15:30:00Z"),
        ("America/Havana", "2026-11-01T05:00:00Z"),
        ("Africa/Cairo", "2026-04-23T22:00:00Z"),
        ("Pacific/Apia", "2011-12-30T10:00:00Z"),
        ("Africa/Casablanca", "2026-02-15T02:00:00Z"),
        ("Antarctica/Troll", "2026-03-29T01:00:00Z"),
        ("Asia/Kathmandu", "2027-12-31T18:15:00Z"),
        ("UTC", "2028-02-29T00:00:00Z"),
        ("UTC", "2038-01-19T03:14:07Z"),
    ]);
    (places, around).prop_map(|((name, change), seconds)| {
        (zone(name), at(change).checked_add(SignedDuration::from_secs(seconds)).unwrap())
    })
}

/// The numbers of a field, and a way to write them; no numbers mean `*`.
fn numbers(least: i8, greatest: i8) -> impl Strategy<Value = (BTreeSet<i8>, String)> {
    let star = Just(((least..=greatest).collect(), "*".to_owned()));
    let list = prop::collection::btree_set(least..=greatest, 1..5).prop_map(|set| {
        let texts: Vec<String> = set.iter().map(i8::to_string).collect();
        (set, texts.join(","))
    });
    let range = (least..=greatest, least..=greatest, 1_i8..=20).prop_map(move |(a, b, step)| {
        let (from, to) = (a.min(b), a.max(b));
        let set: BTreeSet<i8> = (from..=to).step_by(step.unsigned_abs().into()).collect();
        (set, format!("{from}..{to}/{step}"))
    });
    // A step longer than the field is refused.
    let open = (least..greatest).prop_flat_map(move |from| (Just(from), 1..=greatest - from));
    let open = open.prop_map(move |(from, step)| {
        let set: BTreeSet<i8> = (from..=greatest).step_by(step.unsigned_abs().into()).collect();
        (set, format!("{from}/{step}"))
    });
    prop_oneof![2 => star, 2 => list, 1 => range, 1 => open]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn systemd_s_language_comes_true_when_every_field_does(
        (zone, base) in places(-10_000..3_000),
        (days, day) in numbers(1, 31),
        (hours, hour) in numbers(0, 23),
        (minutes, minute) in numbers(0, 59),
        (seconds, second) in numbers(0, 59),
    ) {
        let schedule: Schedule = format!("*-{day} {hour}:{minute}:{second}").parse().unwrap();
        let matches = |reading: DateTime| {
            days.contains(&reading.day())
                && hours.contains(&reading.hour())
                && minutes.contains(&reading.minute())
                && seconds.contains(&reading.second())
        };
        let wild = [&hour, &minute].into_iter().any(|text| begins_wild(text));
        let all = 2 * 3_600;
        let expected: Vec<Timestamp> = instants(base, all, 1)
            .filter(|at| matches(zone.to_datetime(*at)) && (wild || !is_repeated(*at, &zone)))
            .collect();
        assert_same(&schedule, &zone, base, SignedDuration::from_secs(all), &expected)?;
    }

    #[test]
    fn cron_comes_true_when_every_field_does(
        (zone, base) in places(-90_000..30_000),
        (days, day) in numbers(1, 31),
        (hours, hour) in numbers(0, 23),
        (minutes, minute) in numbers(0, 59),
        (weekdays, weekday) in numbers(0, 6),
    ) {
        let [m, h, d, w] = [(minute, 59), (hour, 23), (day, 31), (weekday, 6)]
            .map(|(text, greatest)| as_cron(&text, greatest));
        let schedule = Schedule::parse(&format!("cron {m} {h} {d} * {w}")).unwrap();
        let matches = |reading: DateTime| {
            let day = days.contains(&reading.day());
            let weekday = weekdays.contains(&reading.weekday().to_sunday_zero_offset());
            let date = if d == "*" || w == "*" { day && weekday } else { day || weekday };
            date && hours.contains(&reading.hour()) && minutes.contains(&reading.minute())
        };
        let wild = m == "*" || h == "*";
        let all = 2 * 86_400;
        // Here, clocks only change on a whole minute.
        let base = Timestamp::from_second(base.as_second().div_euclid(60) * 60).unwrap();
        let mut expected: BTreeSet<Timestamp> = instants(base, all, 60)
            .filter(|at| matches(zone.to_datetime(*at)) && (wild || !is_repeated(*at, &zone)))
            .collect();
        if !wild {
            expected.extend(made_up(base, all, &zone).filter(|(reading, _)| matches(*reading)).map(|(_, at)| at));
        }
        let expected: Vec<Timestamp> = expected.into_iter().collect();
        assert_same(&schedule, &zone, base, SignedDuration::from_secs(all), &expected)?;
    }
}

/// Whether a field of systemd's is `*` or `from/step`.
fn begins_wild(text: &str) -> bool {
    text == "*" || text.contains('/') && !text.contains("..")
}

/// The same numbers in cron's notation: `from..to/step` and `from/step` become `from-to/step`.
fn as_cron(text: &str, greatest: i8) -> String {
    match text.split_once('/') {
        Some((from, step)) if !from.contains("..") => format!("{from}-{greatest}/{step}"),
        // A step longer than the field means only the first number; cron refuses it.
        Some((range, step)) if step.parse::<i8>().is_ok_and(|step| step > greatest) => {
            range.split("..").next().unwrap_or_default().to_owned()
        }
        _ => text.replace("..", "-"),
    }
}

/// Every this many seconds after `base`.
fn instants(base: Timestamp, all: i64, every: i64) -> impl Iterator<Item = Timestamp> {
    let first = base.as_second();
    (1..=all / every).map(move |step| Timestamp::from_second(first + step * every).unwrap())
}

fn is_repeated(at: Timestamp, zone: &TimeZone) -> bool {
    match zone.to_ambiguous_timestamp(zone.to_datetime(at)).offset() {
        AmbiguousOffset::Fold { after, .. } => zone.to_offset(at) == after,
        _ => false,
    }
}

/// The skipped readings, each with the instant at which the clock was set forward.
fn made_up(base: Timestamp, all: i64, zone: &TimeZone) -> impl Iterator<Item = (DateTime, Timestamp)> {
    let end = base.checked_add(SignedDuration::from_secs(all)).unwrap();
    let first = TimeZone::UTC.to_datetime(base).checked_sub(26.hours()).unwrap();
    let last = TimeZone::UTC.to_datetime(end).checked_add(26.hours()).unwrap();
    let first = first.with().second(0).subsec_nanosecond(0).build().unwrap();
    let readings = std::iter::successors(Some(first), |reading| reading.checked_add(1.minute()).ok());
    readings.take_while(move |reading| *reading <= last).filter_map(move |reading| {
        let skipped = matches!(zone.to_ambiguous_timestamp(reading).offset(), AmbiguousOffset::Gap { .. });
        // As if the clock had not been set forward, which is after the change.
        let late = skipped.then(|| zone.to_ambiguous_timestamp(reading).later().unwrap())?;
        // The first skipped reading is that of the change itself, which precedes only what is later.
        let changed = zone.preceding(late + 1.second()).next().unwrap().timestamp();
        (changed > base && changed <= end).then_some((reading, changed))
    })
}

fn assert_same(
    schedule: &Schedule,
    zone: &TimeZone,
    base: Timestamp,
    all: SignedDuration,
    expected: &[Timestamp],
) -> Result<(), TestCaseError> {
    let end = base.checked_add(all).unwrap();
    let found: Vec<Timestamp> = schedule.firings(base, zone).take_while(|at| *at <= end).collect();
    prop_assert_eq!(&found, expected, "{} forwards", schedule);
    let mut back = Vec::new();
    let mut before = end.checked_add(SignedDuration::from_nanos(1)).unwrap();
    while let Some(at) = schedule.previous(before, zone).filter(|at| *at > base) {
        back.insert(0, at);
        before = at;
    }
    prop_assert_eq!(&back, expected, "{} backwards", schedule);
    Ok(())
}
