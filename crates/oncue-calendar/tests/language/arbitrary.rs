//! Any text is either refused, or has a normalised form that can be parsed and firings in order.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use oncue_calendar::{OnCalendar, Schedule};
use proptest::prelude::*;

use crate::zones::{at, zone};

fn assert_sound(text: &str, base: Timestamp) -> Result<(), TestCaseError> {
    // Includes expressions that never occur.
    let lenient = OnCalendar::parse(text).map(Schedule::OnCalendar);
    for schedule in [Schedule::parse(text), Schedule::parse_cron(text), lenient] {
        match schedule {
            Ok(schedule) => assert_schedule(&schedule, base)?,
            Err(error) => {
                prop_assert!(error.at + error.length <= text.chars().count(), "{}: {:?}", text, error)
            }
        }
    }
    Ok(())
}

fn assert_schedule(schedule: &Schedule, base: Timestamp) -> Result<(), TestCaseError> {
    let shown = schedule.to_string();
    let again = match schedule {
        Schedule::OnCalendar(_) => OnCalendar::parse(&shown).map(Schedule::OnCalendar),
        Schedule::Cron(_) => Schedule::parse(&shown),
    };
    prop_assert!(again.as_ref() == Ok(schedule) || schedule.never().is_some(), "{} reads back", shown);
    for zone in [TimeZone::UTC, zone("Europe/Berlin"), zone("Africa/Casablanca")] {
        let Some(next) = schedule.next(base, &zone) else { continue };
        prop_assert!(next > base);
        if let Some(previous) = schedule.previous(next, &zone) {
            prop_assert!(previous <= base, "{} is between {} and {}", previous, base, next);
            prop_assert_eq!(schedule.next(previous, &zone), Some(next), "{} from {}", shown, previous);
        }
        prop_assert_eq!(schedule.previous(Timestamp::MAX, &zone).is_some(), true);
    }
    Ok(())
}

pub(crate) fn base() -> impl Strategy<Value = Timestamp> {
    (-1_000_000_000_000_000_i64..8_000_000_000_000_000)
        .prop_map(|at| Timestamp::from_microsecond(at).unwrap())
}

pub(crate) fn at_least(cases: u32) -> ProptestConfig {
    let asked = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    ProptestConfig { cases: asked.cases.max(cases), ..asked }
}

proptest! {
    #![proptest_config(at_least(1_000))]

    #[test]
    fn bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..80), base in base()) {
        assert_sound(&String::from_utf8_lossy(&bytes), base)?;
    }

    #[test]
    fn signs_of_the_language_do_no_harm(text in "[0-9*~:,./ @a-zA-Z-]{0,40}", base in base()) {
        assert_sound(&text, base)?;
    }

    #[test]
    fn what_is_nearly_an_expression_does_no_harm(
        text in "((Mon|tue|Wednesday|SAT)(..|-|,)?(Fri|Sun)?,? )?\
                 ((20[0-9]{2}|\\*)-)?(\\*|[0-9]{1,2}(..[0-9]{1,2})?(/[0-9])?)[-~](\\*|[0-9]{1,2}(,[0-9]{1,2}|/[0-9])?)\
                 ( (\\*|[0-9]{1,2}(/[0-9])?):(\\*|[0-9]{1,2}(,[0-9]{1,2})?)(:(\\*|[0-9]{1,2}(\\.[0-9]{1,7})?(/[0-9]{1,2})?))?)?\
                 ( UTC| Europe/Berlin)?",
        base in base(),
    ) {
        assert_sound(&text, base)?;
    }

    #[test]
    fn what_is_nearly_cron_does_no_harm(
        text in "((\\*|[0-9]{1,2}(-[0-9]{1,2})?|jan|mon-fri)(/[0-9]{1,2})?(,[0-9])? ){4}(\\*|[0-7](-[0-7])?|fri|sat-sun)",
        base in base(),
    ) {
        assert_sound(&text, base)?;
    }
}

/// Expressions that look as if they took long: every microsecond, a skipped day, dates that never
/// occur.
#[test]
fn no_expression_takes_long() {
    let from = at("1970-01-01T00:00:00Z");
    for text in ["*:*:0/0.000001", "*-12-30 *:*:0/0.000001", "Mon *-02-30", "Tue *-02,04,06,09,11-31 *:*:*"] {
        let schedule = Schedule::OnCalendar(OnCalendar::parse(text).unwrap());
        for zone in [TimeZone::UTC, zone("Pacific/Apia"), zone("Europe/Berlin")] {
            let _ = (schedule.next(from, &zone), schedule.previous(Timestamp::MAX, &zone));
            let _ = schedule.next(at("2011-12-29T09:59:59.999999Z"), &zone);
        }
    }
    let apia = zone("Pacific/Apia");
    let skipped = Schedule::parse("2011-12-30 *:*:0/0.000001").unwrap();
    assert_eq!(skipped.next(from, &apia), None);
    assert_eq!(skipped.previous(Timestamp::MAX, &apia), None);
}
