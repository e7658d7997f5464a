//! Invalid expressions: the position of the error, and what would be valid.

use jiff::tz::TimeZone;
use oncue_calendar::{CalendarError, OnCalendar, Schedule};

use crate::zones;

fn error(text: &str) -> CalendarError {
    Schedule::parse(text).expect_err(text)
}

/// Returns the text with the error between brackets, and the message.
fn marked(text: &str) -> (String, String) {
    let error = error(text);
    let end = error.at + error.length;
    let marked = text.chars().enumerate().flat_map(|(at, c)| {
        let (open, close) = ((at == error.at).then_some('['), (at + 1 == end).then_some(']'));
        [open, Some(c), close].into_iter().flatten()
    });
    let marked: String = marked.collect();
    (if error.length == 0 { format!("{text}[]") } else { marked }, error.mistake.to_string())
}

#[test]
fn a_mistake_has_its_place_and_a_way_out() {
    for (text, place, said) in [
        ("", "[]", "the expression is empty"),
        (" UTC", " UTC[]", "the expression is empty"),
        ("dayly", "[dayly]", "expected a weekday, a date, a time"),
        ("2026-13-01", "2026-[13]-01", "the month must be from 1 to 12, not 13"),
        ("1969-01-01", "[1969]-01-01", "the year must be from 1970 to 2199, not 1969"),
        ("25:00", "[25]:00", "the hour must be from 0 to 23, not 25"),
        ("10:60", "10:[60]", "the minute must be from 0 to 59"),
        ("10:00:60", "10:00:[60]", "the second must be from 0 to 59"),
        ("10:00:59.9999999", "10:00:[59.9999999]", "the second must be from 0 to 59"),
        ("*-*~29", "*-*~[29]", "the day counted from the month's end must be from 1 to 28"),
        ("99999999999999999999:00", "[99999999999999999999]:00", "the hour must be from 0 to 23"),
        ("*:50..10", "*:[50..10]", "write 10..50"),
        ("*:*:1..1.5", "*:*:[1..1.5]", "give it a step, as in 1..1.5/0.1"),
        ("*:0/0", "*:0/[0]", "the step is 0"),
        ("*:30/30", "*:30/[30]", "a step of 30 never repeats within the minute"),
        ("*-*~3/3", "*-*~3/[3]", "never repeats within the day counted from the month's end"),
        ("*:*/5", "*:*[/5]", "as in 0/5"),
        ("10", "10[]", "expected `:` and the minute, found the end"),
        ("10:", "10:[]", "expected a number or `*`, found the end"),
        ("10:00 ", "10:00[ ]", "found a space"),
        ("10:00:00:00", "10:00:00[:00]", "expected the end, or a space and a time zone"),
        ("2026-11", "[]", ""),
        ("2026 10:00", "2026[ ]10:00", "expected `-` or `~` in a date"),
        ("Fri..Mon", "[Fri..Mon]", "write Fri..Sun,Mon..Mon"),
        ("Mon..", "Mon..[]", "expected a weekday"),
        ("Mond", "Mon[d]", "after the weekday"),
        ("Mon,,Tue", "Mon,[,Tue]", "expected a weekday"),
        ("10:00 Mon", "10:00[ ]Mon", "found a space"),
        ("Mon daily", "Mon [daily]", "can follow `daily`"),
        ("daily ", "[daily] ", "can follow `daily`"),
        ("@12 Europe/Berlin", "@12 [Europe/Berlin]", "omit the time zone"),
        ("@12.5", "@12[.5]", "whole seconds"),
        ("@99999999999", "@[99999999999]", "the year must be from 1970 to 2199"),
        ("größer", "[größer]", "expected a weekday"),
        ("*-*-* ü", "*-*-* [ü]", "a number or `*`"),
    ] {
        if said.is_empty() {
            continue;
        }
        let (marked, error) = marked(text);
        assert_eq!(marked, place, "{text}: {error}");
        assert!(error.contains(said), "{text}: {error}");
    }
}

#[test]
fn a_field_has_so_many_parts_and_no_more() {
    let list = |count: usize| vec!["1"; count].join(",") + ":00";
    assert!(Schedule::parse(&list(241)).is_ok());
    assert!(error(&list(242)).mistake.to_string().contains("too many parts (limit: 241)"));
}

#[test]
fn what_never_comes_true_is_refused_and_says_why() {
    for (text, why) in [
        ("*-02-30", "february has no such day"),
        ("*-4,6-31", "neither april nor june has such a day"),
        ("2027-02-29", "february has that day in leap years only, and it names none"),
        ("2100-02-29", "february has that day in leap years only, and it names none"),
        ("Mon 2026-11-22", "none of its dates is on such a weekday"),
        ("Sun *-02~29 0:0", ""),
        ("cron 0 0 30 2 *", "february has no such day"),
        ("cron 0 0 31 2,4,6 *", "neither february nor april nor june has such a day"),
    ] {
        let error = error(text);
        assert!(error.mistake.to_string().contains(why), "{text}: {error}");
    }
    // systemd accepts them, and so does the parser that behaves like systemd.
    let february = Schedule::OnCalendar(OnCalendar::parse("*-02-30").unwrap());
    assert!(february.never().is_some());
    assert_eq!(february.next(jiff::Timestamp::UNIX_EPOCH, &TimeZone::UTC), None);
    assert!(Schedule::parse("*-02-29").is_ok());
    // For cron, a weekday beside the day is enough.
    assert!(Schedule::parse("cron 0 0 30 2 1").is_ok());
}

#[test]
fn a_zone_is_known_by_its_own_spelling() {
    let find = |text: &str| {
        let schedule = Schedule::parse(text).unwrap();
        schedule.zone_from(&TimeZone::UTC, zones::find).map_err(|error| error.name)
    };
    assert!(find("daily Europe/Berlin").is_ok());
    assert_eq!(find("daily europe/berlin"), Err("europe/berlin".to_owned()));
    assert_eq!(find("daily Nowhere/City"), Err("Nowhere/City".to_owned()));
    assert_eq!(find("cron 0 0 * * * Nowhere"), Err("Nowhere".to_owned()));
    assert_eq!(find("daily"), Ok(TimeZone::UTC));
}
