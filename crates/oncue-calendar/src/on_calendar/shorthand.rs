//! The words for whole expressions: `daily`, `weekly`, …

use crate::chain::{Chain, Part};
use crate::on_calendar::OnCalendar;
use crate::weekdays::Weekdays;

/// The words. The misspelled one is from older versions of systemd.
const WORDS: [(&str, Meaning); 13] = [
    ("minutely", Meaning::Minutely),
    ("hourly", Meaning::Hourly),
    ("daily", Meaning::Daily),
    ("weekly", Meaning::Weekly),
    ("monthly", Meaning::Months(&[])),
    ("quarterly", Meaning::Months(&[1, 4, 7, 10])),
    ("semiannually", HALF_YEARLY),
    ("semi-annually", HALF_YEARLY),
    ("biannually", HALF_YEARLY),
    ("bi-annually", HALF_YEARLY),
    ("yearly", YEARLY),
    ("annually", YEARLY),
    ("anually", YEARLY),
];

const HALF_YEARLY: Meaning = Meaning::Months(&[1, 7]);
const YEARLY: Meaning = Meaning::Months(&[1]);

enum Meaning {
    Minutely,
    Hourly,
    Daily,
    Weekly,
    /// The first day of these months, or of every month.
    Months(&'static [u32]),
}

/// Returns the word, ignoring case, and its expression.
pub(super) fn find(text: &str) -> Option<(&'static str, OnCalendar)> {
    let (word, meaning) = WORDS.iter().find(|(word, _)| text.eq_ignore_ascii_case(word))?;
    Some((word, expression(meaning)))
}

fn expression(meaning: &Meaning) -> OnCalendar {
    let zero = || Chain::of(alloc::vec![Part::single(0)]);
    let minutely = OnCalendar { second: zero(), ..OnCalendar::always() };
    let hourly = || OnCalendar { minute: zero(), second: zero(), ..OnCalendar::always() };
    let daily = || OnCalendar { hour: zero(), ..hourly() };
    match meaning {
        Meaning::Minutely => minutely,
        Meaning::Hourly => hourly(),
        Meaning::Daily => daily(),
        Meaning::Weekly => OnCalendar { weekdays: Weekdays::NONE.with(0, 0), ..daily() },
        Meaning::Months(months) => {
            let months = months.iter().map(|month| Part::single(*month)).collect();
            let first = Chain::of(alloc::vec![Part::single(1)]);
            OnCalendar { month: Chain::of(months), day: first, ..daily() }
        }
    }
}
