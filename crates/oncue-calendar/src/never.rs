//! Why an expression never occurs in any time zone.

use alloc::string::String;
use alloc::vec::Vec;

use jiff::civil::Date;

use crate::field::YEARS;
use crate::pattern::{self, Pattern};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Returns why no date matches the pattern, if none does. `has_day` is `has_date` without the
/// weekday.
pub(crate) fn why(pattern: &impl Pattern, has_day: impl Fn(Date) -> bool) -> Option<String> {
    let first = Date::new(*YEARS.start(), 1, 1).ok()?;
    if pattern::next_date(pattern, first).is_some() {
        return None;
    }
    let months = (1..=12).filter(|month| pattern.has_month(*month));
    let has_day_in = |year: i16, month: i8| {
        let days = 1..=31;
        days.filter_map(|day| Date::new(year, month, day).ok()).any(&has_day)
    };
    let mut years = YEARS.filter(|year| pattern.has_year(*year));
    let without_weekday =
        years.any(|year| (1..=12).any(|month| pattern.has_month(month) && has_day_in(year, month)));
    if without_weekday {
        return Some("none of its dates is on such a weekday".into());
    }
    // To check other fields than the year: every month has its maximum length in a leap year.
    const LEAP: i16 = 2000;
    if (1..=12).any(|month| pattern.has_month(month) && has_day_in(LEAP, month)) {
        return Some("february has that day in leap years only, and it names none".into());
    }
    let names: Vec<&str> =
        months.filter_map(|month| MONTHS.get(usize::try_from(month - 1).ok()?).copied()).collect();
    Some(match names.as_slice() {
        [one] => alloc::format!("{one} has no such day"),
        [others @ .., last] => alloc::format!("neither {} nor {last} has such a day", others.join(" nor ")),
        [] => "it has no month".into(),
    })
}
