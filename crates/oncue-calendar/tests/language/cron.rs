//! Cron's five fields: how they are parsed, and when they fire.

use oncue_calendar::Schedule;

use crate::zones::firings;

#[test]
fn fields_names_and_words_have_one_form() {
    for (written, normal) in [
        ("cron */5 * * * *", "cron */5 * * * *"),
        ("cron  0\t9 * *  mon-FRI", "cron 0 9 * * 1-5"),
        ("cron 0 0 1 jan,Jul *", "cron 0 0 1 1,7 *"),
        ("cron 0 0 * * sat-sun", "cron 0 0 * * 6-7"),
        ("cron 0 0 * * 7", "cron 0 0 * * 7"),
        ("cron 0 0 * * 0-0", "cron 0 0 * * 0-0"),
        ("cron 10-50/20,5 0-23/1 * * *", "cron 10-50/20,5 0-23 * * *"),
        ("@hourly", "cron 0 * * * *"),
        ("@daily", "cron 0 0 * * *"),
        ("@Midnight", "cron 0 0 * * *"),
        ("cron @weekly", "cron 0 0 * * 0"),
        ("@monthly Europe/Berlin", "cron 0 0 1 * * Europe/Berlin"),
        ("@yearly utc", "cron 0 0 1 1 * UTC"),
        ("@annually", "cron 0 0 1 1 *"),
        ("cron 0 9 * * 1-5 Europe/Berlin", "cron 0 9 * * 1-5 Europe/Berlin"),
    ] {
        let read = Schedule::parse(written).unwrap_or_else(|error| panic!("{written}: {error}"));
        assert_eq!(read.to_string(), normal, "{written}");
        assert_eq!(Schedule::parse(normal).as_ref(), Ok(&read), "{normal} reads back");
    }
    assert_eq!(Schedule::parse_cron("0 9 * * 1-5"), Schedule::parse("cron 0 9 * * 1-5"));
}

#[test]
fn a_mistake_has_its_place() {
    for (text, at, said) in [
        ("cron", 0, "expected a weekday"),
        ("cron ", 5, "empty"),
        ("cron * * * *", 12, "the last of five fields"),
        ("cron 60 * * * *", 5, "the minute must be from 0 to 59, not 60"),
        ("cron 0 0 0 * *", 9, "the day of the month must be from 1 to 31"),
        ("cron 0 0 * 13 *", 11, "the month must be from 1 to 12"),
        ("cron 0 0 * foo *", 11, "jan to dec"),
        ("cron 0 0 * * 8", 13, "the day of the week must be from 0 to 7"),
        ("cron 5/15 * * * *", 6, "a step follows `*` or a range"),
        ("cron */0 * * * *", 7, "the step is 0"),
        ("cron */60 * * * *", 7, "never repeats"),
        ("cron 30-10 * * * *", 5, "ends before it begins"),
        ("cron 0 0 L * *", 9, "a number or `*`"),
        ("cron 0 0 * * * root", 19, ""),
        ("cron 0 0 * * * /bin/true", 15, "a time zone"),
        ("cron 0 0 * * * UTC x", 15, "a time zone"),
        ("@reboot", 0, "a startup trigger"),
        ("cron @fortnightly", 5, "@hourly, @daily"),
    ] {
        match Schedule::parse(text) {
            Err(error) => {
                assert_eq!(error.at, at, "{text}: {error}");
                assert!(error.to_string().contains(said), "{text}: {error}");
            }
            // A word after the fields may be a zone; the parser does not know which zones exist.
            Ok(schedule) => assert_eq!((schedule.zone(), said), (Some("root"), ""), "{text}"),
        }
    }
}

#[test]
fn one_of_two_restricted_days_suffices() {
    let days = |expression: &str, count: usize| {
        let found = firings(expression, "2026-11-01T00:00:00Z", "UTC", count);
        found.iter().map(|at| at[5..10].to_owned()).collect::<Vec<_>>()
    };
    // Fridays are the 6th, 13th, 20th and 27th.
    assert_eq!(days("cron 0 1 13 * 5", 5), ["11-06", "11-13", "11-20", "11-27", "12-04"]);
    assert_eq!(days("cron 0 1 12 * 5", 3), ["11-06", "11-12", "11-13"]);
    // A field that begins with `*` does not count as restricted, so both must match.
    assert_eq!(days("cron 0 1 */13 * 5", 2), ["11-27", "01-01"]);
    assert_eq!(days("cron 0 1 13 * *", 2), ["11-13", "12-13"]);
    assert_eq!(days("cron 0 1 * * 0", 2), ["11-01", "11-08"]);
    for sunday in ["7", "0-0", "7-7", "sun", "sun-sun"] {
        assert_eq!(days(&format!("cron 0 1 * * {sunday}"), 2), ["11-01", "11-08"], "{sunday}");
    }
    assert_eq!(days("cron 0 1 * * fri-sun", 4), ["11-01", "11-06", "11-07", "11-08"]);
    assert_eq!(days("cron 0 1 * * 0-2", 4), ["11-01", "11-02", "11-03", "11-08"]);
}

#[test]
fn fixed_times_are_made_up_for_and_never_doubled() {
    let berlin =
        |expression: &str, after: &str, count: usize| firings(expression, after, "Europe/Berlin", count);
    assert_eq!(
        berlin("cron 30 2 * * *", "2026-03-28T00:00:00Z", 3),
        ["2026-03-28 02:30:00+01:00", "2026-03-29 03:00:00+02:00", "2026-03-30 02:30:00+02:00"]
    );
    // Several skipped times fire once, together with one that is due then.
    assert_eq!(
        berlin("cron 0,15,30 2,3 * * *", "2026-03-29T00:00:00Z", 3),
        ["2026-03-29 03:00:00+02:00", "2026-03-29 03:15:00+02:00", "2026-03-29 03:30:00+02:00"]
    );
    assert_eq!(
        berlin("cron 30 2 * * *", "2026-10-24T12:00:00Z", 2),
        ["2026-10-25 02:30:00+02:00", "2026-10-26 02:30:00+01:00"]
    );
    // 02:30 is skipped on a Sunday, but not on a Monday.
    assert_eq!(berlin("cron 30 2 * * 1", "2026-03-28T00:00:00Z", 1), ["2026-03-30 02:30:00+02:00"]);
}

#[test]
fn wild_times_follow_the_clock_as_it_reads() {
    let berlin =
        |expression: &str, after: &str, count: usize| firings(expression, after, "Europe/Berlin", count);
    assert_eq!(
        berlin("cron */30 * * * *", "2026-03-29T00:00:00Z", 3),
        ["2026-03-29 01:30:00+01:00", "2026-03-29 03:00:00+02:00", "2026-03-29 03:30:00+02:00"]
    );
    assert_eq!(
        berlin("cron 30 * * * *", "2026-10-24T23:45:00Z", 3),
        ["2026-10-25 02:30:00+02:00", "2026-10-25 02:30:00+01:00", "2026-10-25 03:30:00+01:00"]
    );
    assert_eq!(
        berlin("cron */20 2 * * *", "2026-10-24T12:00:00Z", 4),
        [
            "2026-10-25 02:00:00+02:00",
            "2026-10-25 02:20:00+02:00",
            "2026-10-25 02:40:00+02:00",
            "2026-10-25 02:00:00+01:00"
        ]
    );
}
