//! When `OnCalendar` expressions fire without changes of the clock.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use oncue_calendar::Schedule;

use crate::zones::{at, firings, zone};

fn in_utc(expression: &str, after: &str, expected: &[&str]) {
    let found = firings(expression, after, "UTC", expected.len());
    let expected: Vec<String> = expected.iter().map(|at| format!("{at}+00:00")).collect();
    assert_eq!(found, expected, "{expression}");
}

#[test]
fn leap_days_come_in_leap_years() {
    in_utc(
        "*-02-29",
        "2096-01-01T00:00:00Z",
        &["2096-02-29 00:00:00", "2104-02-29 00:00:00", "2108-02-29 00:00:00"],
    );
    in_utc("Mon *-02-29", "2026-01-01T00:00:00Z", &["2044-02-29 00:00:00", "2072-02-29 00:00:00"]);
    in_utc("*-02-28/1", "2027-12-31T00:00:00Z", &["2028-02-28 00:00:00", "2028-02-29 00:00:00"]);
}

#[test]
fn days_from_the_end_follow_the_month() {
    in_utc("*-02~01", "2027-01-01T00:00:00Z", &["2027-02-28 00:00:00", "2028-02-29 00:00:00"]);
    in_utc("*-*~03", "2026-01-30T00:00:00Z", &["2026-02-26 00:00:00", "2026-03-29 00:00:00"]);
    // The last Monday of May: one of its last seven days.
    in_utc("Mon *-05~07/1", "2026-01-01T00:00:00Z", &["2026-05-25 00:00:00", "2027-05-31 00:00:00"]);
    in_utc(
        "*-02~1..3",
        "2026-01-01T00:00:00Z",
        &["2026-02-26 00:00:00", "2026-02-27 00:00:00", "2026-02-28 00:00:00"],
    );
}

#[test]
fn the_32nd_bit_is_no_end() {
    in_utc(
        "*:*:0/7",
        "2038-01-19T03:14:06Z",
        &["2038-01-19 03:14:07", "2038-01-19 03:14:14", "2038-01-19 03:14:21"],
    );
    in_utc("*-01-01", "2106-02-07T06:28:15Z", &["2107-01-01 00:00:00"]);
}

#[test]
fn a_repetition_begins_anew_with_every_field() {
    // systemd leaves out 00:00 here, unless asked from just before it.
    in_utc(
        "*:0/14",
        "2026-11-22T23:42:00Z",
        &["2026-11-22 23:56:00", "2026-11-23 00:00:00", "2026-11-23 00:14:00"],
    );
    in_utc("*-*-1/25", "2026-12-26T00:00:00Z", &["2027-01-01 00:00:00", "2027-01-26 00:00:00"]);
    in_utc("0/7:00", "2028-02-29T20:00:00Z", &["2028-02-29 21:00:00", "2028-03-01 00:00:00"]);
}

#[test]
fn fractions_are_exact_to_the_microsecond() {
    in_utc(
        "*:*:0/20.3",
        "2026-11-22T00:00:00Z",
        &["2026-11-22 00:00:20.3", "2026-11-22 00:00:40.6", "2026-11-22 00:01:00"],
    );
    in_utc("*:*:0.000001", "2026-11-22T00:00:00.000000999Z", &["2026-11-22 00:00:00.000001"]);
    in_utc("*:*:0.000001", "2026-11-22T00:00:00.000001Z", &["2026-11-22 00:01:00.000001"]);
    let schedule = Schedule::parse("*:*:0.000001").unwrap();
    let before = |text: &str| schedule.previous(at(text), &TimeZone::UTC);
    assert_eq!(before("2026-11-22T00:00:00.000001001Z"), Some(at("2026-11-22T00:00:00.000001Z")));
    assert_eq!(before("2026-11-22T00:00:00.000001Z"), Some(at("2026-11-21T23:59:00.000001Z")));
}

#[test]
fn nothing_comes_before_1970_or_after_2199() {
    let schedule = Schedule::parse("daily").unwrap();
    let first = schedule.next(Timestamp::MIN, &TimeZone::UTC);
    assert_eq!(first, Some(Timestamp::UNIX_EPOCH));
    assert_eq!(schedule.previous(Timestamp::UNIX_EPOCH, &TimeZone::UTC), None);
    let last = Some(at("2199-12-31T00:00:00Z"));
    assert_eq!(schedule.previous(Timestamp::MAX, &TimeZone::UTC), last);
    assert_eq!(schedule.next(at("2199-12-31T00:00:00Z"), &TimeZone::UTC), None);
    assert_eq!(schedule.next(Timestamp::MAX, &TimeZone::UTC), None);
    assert_eq!(schedule.previous(Timestamp::MIN, &TimeZone::UTC), None);
    // The year is that of the zone's local time.
    let tokyo = zone("Asia/Tokyo");
    assert_eq!(schedule.next(Timestamp::MIN, &tokyo), Some(at("1969-12-31T15:00:00Z")));
}

#[test]
fn what_is_over_is_over() {
    let schedule = Schedule::parse("2020-06-01 12:00").unwrap();
    assert_eq!(schedule.next(at("2026-01-01T00:00:00Z"), &TimeZone::UTC), None);
    assert_eq!(
        schedule.previous(at("2026-01-01T00:00:00Z"), &TimeZone::UTC),
        Some(at("2020-06-01T12:00:00Z"))
    );
}
