//! What is wrong with an expression, and where.

use alloc::string::String;
use core::fmt;

use crate::field::Field;

/// The text is not a calendar expression, or one that never occurs.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{mistake} at character {}", at + 1)]
pub struct CalendarError {
    /// The position, in characters from 0.
    pub at: usize,
    /// The number of characters concerned; 0 if something is missing.
    pub length: usize,
    /// The error.
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
    /// The expression is empty.
    #[error("the expression is empty: write for example `daily`, `Mon..Fri 09:00` or `*-*-01 12:00`")]
    Empty,
    /// Something else was expected.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What would be valid.
        expected: &'static str,
        /// What was found.
        found: String,
    },
    /// A number is outside the range of the field.
    #[error("{field} must be from {} to {}, not {value}", field.least(), field.greatest())]
    OutOfRange {
        /// The field.
        field: Field,
        /// The number as written.
        value: String,
    },
    /// A range ends before it begins.
    #[error("the range of {field} ends before it begins: write {to}..{from}, or two ranges")]
    Backwards {
        /// The field.
        field: Field,
        /// The start as written.
        from: String,
        /// The end as written.
        to: String,
    },
    /// A range of seconds contains only its first second.
    #[error("the range of seconds is shorter than a second: give it a step, as in {from}..{to}/0.1")]
    UnderASecond {
        /// The start as written.
        from: String,
        /// The end as written.
        to: String,
    },
    /// A step of 0.
    #[error("the step is 0: omit it, or use 1 or more")]
    StepOfZero,
    /// A step is longer than the field.
    #[error("a step of {step} never repeats within {field}, which is from {} to {}: omit it", field.least(), field.greatest())]
    StepTooLong {
        /// The field.
        field: Field,
        /// The step as written.
        step: String,
    },
    /// A field has too many parts.
    #[error("the field has too many parts (limit: {limit})")]
    TooManyParts {
        /// The maximum number.
        limit: usize,
    },
    /// A range of weekdays does not go from Monday towards Sunday.
    #[error(
        "the range of weekdays ends before it begins, as weeks begin with Mon: write {first}..Sun,Mon..{last}"
    )]
    WeekdaysBackwards {
        /// The first day.
        first: &'static str,
        /// The last day.
        last: &'static str,
    },
    /// Something follows a shorthand, which is a whole expression.
    #[error("only a space and a time zone can follow `{shorthand}`")]
    NotAlone {
        /// The shorthand.
        shorthand: &'static str,
    },
    /// An instant has a time zone, but is always in UTC.
    #[error("seconds since 1970 are the same in every time zone: omit the time zone")]
    InstantWithZone,
    /// `@reboot` is not a time.
    #[error("`@reboot` is not a calendar time: use a startup trigger")]
    Reboot,
    /// The expression never occurs in any time zone.
    #[error("this never occurs: {why}")]
    Never {
        /// The reason, as a fragment.
        why: String,
    },
}

/// No time zone with this name is known.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown time zone `{name}`: write UTC or a name such as Europe/Berlin, in its exact spelling")]
pub struct UnknownZone {
    /// The name as written.
    pub name: String,
}

impl fmt::Debug for UnknownZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
