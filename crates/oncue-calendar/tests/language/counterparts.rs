//! A schedule in the other language fires at the same times.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use oncue_calendar::{Schedule, cron_every};
use proptest::prelude::*;

use crate::arbitrary::{at_least, base};

/// The next firings of several schedules together.
fn firings(schedules: &[Schedule], mut after: Timestamp) -> Vec<Timestamp> {
    let mut firings = Vec::new();
    while firings.len() < 20
        && let Some(next) = schedules.iter().filter_map(|one| one.next(after, &TimeZone::UTC)).min()
    {
        firings.push(next);
        after = next;
    }
    firings
}

fn assert_same(text: &str, base: Timestamp) -> Result<(), TestCaseError> {
    let Ok(schedule) = Schedule::parse(text) else { return Ok(()) };
    let expected = firings(std::slice::from_ref(&schedule), base);
    let systemd: Vec<_> = schedule.to_on_calendar().iter().map(|one| Schedule::parse(one).unwrap()).collect();
    prop_assert_eq!(firings(&systemd, base), expected.clone(), "{} as {:?}", text, systemd);
    let Ok(lines) = schedule.to_cron() else { return Ok(()) };
    let cron: Vec<_> = lines.iter().map(|one| Schedule::parse_cron(one).unwrap()).collect();
    prop_assert_eq!(firings(&cron, base), expected, "{} as {:?}", text, lines);
    Ok(())
}

proptest! {
    #![proptest_config(at_least(1_000))]

    #[test]
    fn of_systemd(
        text in "((Mon|tue|SAT)((\\.\\.|,)(Fri|Sun))? )?\\*-(\\*|[1-9](\\.\\.1[0-2])?|1/3)-(\\*|[1-9](,[1-2][0-9]|/[2-9])?) \
                 (\\*|1?[0-9](/[2-9])?|[0-9]\\.\\.1[0-9]):(\\*|[0-5]?[0-9]|0/[1-9]|[0-9]\\.\\.[1-5][0-9])(:0|:30)?",
        base in base(),
    ) {
        assert_same(&text, base)?;
    }

    #[test]
    fn of_cron(
        text in "cron (\\*(/[1-9])?|[0-5]?[0-9](,[0-5]?[0-9])?) (\\*(/[2-9])?|1?[0-9]|[0-9]-1[0-9]/2) \
                 (\\*(/[2-9])?|[1-9](,[1-3]0)?) (\\*|jan|[1-6]-1[0-2]) (\\*|[0-7](-[5-7])?|fri)",
        base in base(),
    ) {
        assert_same(&text, base)?;
    }
}

#[test]
fn every_so_many_minutes() {
    let midnight: Timestamp = "2026-11-27T23:59:59Z".parse().unwrap();
    for minutes in 1..=1_440 {
        let Some(lines) = cron_every(minutes) else { continue };
        let lines: Vec<_> = lines.iter().map(|one| Schedule::parse_cron(one).unwrap()).collect();
        for pair in firings(&lines, midnight).windows(2) {
            assert_eq!(pair[1].duration_since(pair[0]).as_secs(), i64::from(minutes) * 60, "{minutes}");
        }
    }
}
