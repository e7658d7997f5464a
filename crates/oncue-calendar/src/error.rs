//! What is wrong with an expression, and where.

use alloc::string::String;
use core::fmt;

use crate::field::Field;

/// The text is no calendar expression, or one that never comes true.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{mistake} at character {}", at + 1)]
pub struct CalendarError {
    /// Where, counted in characters from 0.
    pub at: usize,
    /// How many characters are meant; 0 where something is missing.
    pub length: usize,
    /// What.
    pub mistake: Mistake,
}

impl fmt::Debug for CalendarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Mistake {
    /// There is nothing to read.
    #[error("the expression is empty: write for example `daily`, `Mon..Fri 09:00` or `*-*-01 12:00`")]
    Empty,
    /// Something else was expected.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What would be right.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// A number is beyond what the field can be.
    #[error("{field} is from {} to {}, not {value}", field.least(), field.greatest())]
    OutOfRange {
        /// The field.
        field: Field,
        /// As it was written.
        value: String,
    },
    /// A range ends before it begins.
    #[error("the range of {field} ends before it begins: write {to}..{from}, or two ranges")]
    Backwards {
        /// The field.
        field: Field,
        /// Where it begins, as it was written.
        from: String,
        /// Where it ends, as it was written.
        to: String,
    },
    /// A range of seconds holds no second but its first.
    #[error("the range of seconds is shorter than a second: give it a step, as in {from}..{to}/0.1")]
    UnderASecond {
        /// Where it begins, as it was written.
        from: String,
        /// Where it ends, as it was written.
        to: String,
    },
    /// A step of nothing.
    #[error("a step of 0 leads nowhere: leave it out, or write 1 or more")]
    StepOfZero,
    /// A step leads out of the field at once.
    #[error("a step of {step} never repeats within {field}, which is from {} to {}: leave it out", field.least(), field.greatest())]
    StepTooLong {
        /// The field.
        field: Field,
        /// As it was written.
        step: String,
    },
    /// A field has too many parts.
    #[error("too many parts: the limit for a field is {limit}")]
    TooManyParts {
        /// How many a field may have.
        limit: usize,
    },
    /// Weekdays run from Monday to Sunday.
    #[error(
        "the weekdays end before they begin: a week begins with Mon and ends with Sun, so write {first}..Sun,Mon..{last}"
    )]
    WeekdaysBackwards {
        /// The first, as it is written.
        first: &'static str,
        /// The last.
        last: &'static str,
    },
    /// A shorthand stands for the whole expression.
    #[error("`{shorthand}` stands alone: nothing may follow but a blank and a time zone")]
    NotAlone {
        /// The shorthand.
        shorthand: &'static str,
    },
    /// An instant is in UTC already.
    #[error("seconds since 1970 are one instant everywhere: leave the time zone out")]
    InstantWithZone,
    /// `@reboot` has no time.
    #[error("`@reboot` is no time of the calendar: use a startup trigger")]
    Reboot,
    /// It never comes true, whatever the time zone.
    #[error("this never comes true: {why}")]
    Never {
        /// Why, as a fragment.
        why: String,
    },
}

/// No time zone of that name is known here.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("no time zone is called `{name}`: write UTC or a name as Europe/Berlin, in its own spelling")]
pub struct UnknownZone {
    /// As it was written.
    pub name: String,
}

impl fmt::Debug for UnknownZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
