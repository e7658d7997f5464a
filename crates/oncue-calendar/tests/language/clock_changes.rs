//! Changes of the clock.

use jiff::tz::TimeZone;
use oncue_calendar::Schedule;

use crate::zones::{at, firings, zone};

#[test]
fn a_time_that_is_skipped_is_left_out() {
    for (name, after, expression, expected) in [
        ("Europe/Berlin", "2026-03-27T12:00:00Z", "02:30", ["03-28 02:30:00+01:00", "03-30 02:30:00+02:00"]),
        ("Europe/Berlin", "2026-03-29T00:00:00Z", "*:0/30", ["03-29 01:30:00+01:00", "03-29 03:00:00+02:00"]),
        // By only half an hour.
        (
            "Australia/Lord_Howe",
            "2026-10-03T12:00:00Z",
            "2:0/15",
            ["10-04 02:30:00+11:00", "10-04 02:45:00+11:00"],
        ),
        // At midnight, so the day has no first hour.
        ("Africa/Cairo", "2026-04-23T12:00:00Z", "daily", ["04-25 00:00:00+03:00", "04-26 00:00:00+03:00"]),
        ("Africa/Cairo", "2026-04-23T20:00:00Z", "hourly", ["04-23 23:00:00+02:00", "04-24 01:00:00+03:00"]),
        // The offset in winter counts as daylight saving time here; later times of the day are not
        // affected.
        ("Europe/Dublin", "2026-03-28T06:00:00Z", "1,5:00", ["03-29 05:00:00+01:00", "03-30 01:00:00+01:00"]),
    ] {
        let expected = expected.map(|at| format!("2026-{at}"));
        assert_eq!(firings(expression, after, name, 2), expected, "{expression} in {name}");
    }
}

#[test]
fn a_time_that_is_repeated_counts_the_first_time() {
    for (name, after, expression, expected) in [
        ("Europe/Berlin", "2026-10-24T12:00:00Z", "02:30", ["10-25 02:30:00+02:00", "10-26 02:30:00+01:00"]),
        (
            "Europe/Berlin",
            "2026-10-25T00:30:00Z",
            "1..3:15,45",
            ["10-25 02:45:00+02:00", "10-25 03:15:00+01:00"],
        ),
        // Wherever the search begins.
        (
            "Europe/Berlin",
            "2026-10-25T01:10:00Z",
            "1..3:15,45",
            ["10-25 03:15:00+01:00", "10-25 03:45:00+01:00"],
        ),
        (
            "Australia/Lord_Howe",
            "2026-04-04T14:30:00Z",
            "1,2:0,45",
            ["04-05 01:45:00+11:00", "04-05 02:00:00+10:30"],
        ),
        // The first of November begins twice.
        ("America/Havana", "2026-10-31T12:00:00Z", "daily", ["11-01 00:00:00-04:00", "11-02 00:00:00-05:00"]),
    ] {
        let expected = expected.map(|at| format!("2026-{at}"));
        assert_eq!(firings(expression, after, name, 2), expected, "{expression} in {name}");
    }
}

#[test]
fn a_schedule_that_goes_on_all_day_goes_on_in_a_repeated_hour() {
    for (name, after, expression, expected) in [
        ("Europe/Berlin", "2026-10-25T00:20:00Z", "*:0/30", ["02:30:00+02:00", "02:00:00+01:00"]),
        ("Europe/Berlin", "2026-10-25T00:30:00Z", "hourly", ["02:00:00+01:00", "03:00:00+01:00"]),
        ("Europe/Berlin", "2026-10-25T00:50:00Z", "minutely", ["02:51:00+02:00", "02:52:00+02:00"]),
        ("Europe/Berlin", "2026-10-25T00:59:30Z", "*:*:*", ["02:59:31+02:00", "02:59:32+02:00"]),
        ("Europe/Berlin", "2026-10-25T00:59:59Z", "*:*:*", ["02:00:00+01:00", "02:00:01+01:00"]),
        ("Europe/Berlin", "2026-10-25T00:35:00Z", "2:0/30", ["02:00:00+01:00", "02:30:00+01:00"]),
        ("Europe/Berlin", "2026-10-25T00:35:00Z", "0/2:15", ["02:15:00+01:00", "04:15:00+01:00"]),
        ("Australia/Lord_Howe", "2026-04-04T14:50:00Z", "*:0/15", ["01:30:00+10:30", "01:45:00+10:30"]),
    ] {
        let found = firings(expression, after, name, 2);
        let times: Vec<&str> = found.iter().map(|at| &at[11..]).collect();
        assert_eq!(times, expected, "{expression} in {name}");
    }
}

#[test]
fn looking_back_from_the_second_hour_finds_what_came_in_the_first() {
    let berlin = zone("Europe/Berlin");
    for (expression, before, expected) in [
        ("Sun 02:30", "2026-10-25T01:10:00Z", "2026-10-25T00:30:00Z"),
        ("2026-10-25 02:30", "2026-10-25T01:45:00Z", "2026-10-25T00:30:00Z"),
        ("1..3:15,45", "2026-10-25T01:10:00Z", "2026-10-25T00:45:00Z"),
        ("*:0/15", "2026-10-25T01:10:00Z", "2026-10-25T01:00:00Z"),
        ("cron */40 2 * * 0", "2026-10-25T01:40:00Z", "2026-10-25T01:00:00Z"),
        ("cron */40 2 * * 0", "2026-10-25T01:00:00Z", "2026-10-25T00:40:00Z"),
    ] {
        let schedule = Schedule::parse(expression).unwrap();
        assert_eq!(schedule.previous(at(before), &berlin), Some(at(expected)), "{expression}");
    }
    let weekly = firings("cron */40 2 * * 0", "2026-10-24T12:00:00Z", "Europe/Berlin", 4);
    let times: Vec<&str> = weekly.iter().map(|at| &at[11..]).collect();
    assert_eq!(times, ["02:00:00+02:00", "02:40:00+02:00", "02:00:00+01:00", "02:40:00+01:00"]);
}

#[test]
fn a_day_that_a_country_skips_is_left_out() {
    let found = firings("daily", "2011-12-28T12:00:00Z", "Pacific/Apia", 3);
    assert_eq!(
        found,
        ["2011-12-29 00:00:00-10:00", "2011-12-31 00:00:00+14:00", "2012-01-01 00:00:00+14:00"]
    );
}

#[test]
fn a_country_may_change_its_time_for_good() {
    let found = firings("12:00", "2014-10-24T12:00:00Z", "Europe/Moscow", 3);
    assert_eq!(
        found,
        ["2014-10-25 12:00:00+04:00", "2014-10-26 12:00:00+03:00", "2014-10-27 12:00:00+03:00"]
    );
}

#[test]
fn a_time_that_is_always_skipped_never_comes() {
    let schedule = Schedule::parse("Sun *-03-25..31 02:30").unwrap();
    let berlin = zone("Europe/Berlin");
    assert_eq!(schedule.next(at("2026-01-01T00:00:00Z"), &berlin), None);
    // Before 1981, Germany had other rules.
    assert_eq!(schedule.previous(at("2026-01-01T00:00:00Z"), &berlin), Some(at("1980-03-30T01:30:00Z")));
    assert!(schedule.next(at("2026-01-01T00:00:00Z"), &TimeZone::UTC).is_some());
}

#[test]
fn rules_for_all_years_to_come_are_followed() {
    let posix = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    let schedule = Schedule::parse("Sun *-07-* 12:00").unwrap();
    assert_eq!(schedule.next(at("2199-06-30T00:00:00Z"), &posix), Some(at("2199-07-07T10:00:00Z")));
    let winter = Schedule::parse("2150-01-01 12:00").unwrap();
    assert_eq!(winter.next(at("2026-06-30T00:00:00Z"), &posix), Some(at("2150-01-01T11:00:00Z")));
    assert_eq!(winter.previous(at("2199-06-30T00:00:00Z"), &posix), Some(at("2150-01-01T11:00:00Z")));
}
