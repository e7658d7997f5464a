//! The parts of an expression, and their ranges.

use core::fmt;

/// A part of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Field {
    /// The year.
    Year,
    /// The month of the year.
    Month,
    /// The day of the month.
    Day,
    /// The day of the month, counted from its end.
    DayFromEnd,
    /// The day of the week, only in cron: 0 and 7 are Sunday.
    Weekday,
    /// The hour of the day.
    Hour,
    /// The minute of the hour.
    Minute,
    /// The second of the minute.
    Second,
}

/// The first and last year of an expression, as in systemd.
pub(crate) const YEARS: core::ops::RangeInclusive<i16> = 1970..=2199;

impl Field {
    /// Returns the smallest number of the field.
    #[must_use]
    pub const fn least(self) -> u32 {
        match self {
            Self::Year => YEARS.start().unsigned_abs() as u32,
            Self::Month | Self::Day | Self::DayFromEnd => 1,
            Self::Weekday | Self::Hour | Self::Minute | Self::Second => 0,
        }
    }

    /// Returns the largest number of the field; seconds can also have fractions beyond it.
    #[must_use]
    pub const fn greatest(self) -> u32 {
        match self {
            Self::Year => YEARS.end().unsigned_abs() as u32,
            Self::Month => 12,
            Self::Day => 31,
            // Every month has at least this many days.
            Self::DayFromEnd => 28,
            Self::Weekday => 7,
            Self::Hour => 23,
            Self::Minute | Self::Second => 59,
        }
    }

    /// Returns how many of a chain's units are one of the field's: seconds are stored in
    /// microseconds.
    pub(crate) const fn unit(self) -> u32 {
        match self {
            Self::Second => 1_000_000,
            Self::Year
            | Self::Month
            | Self::Day
            | Self::DayFromEnd
            | Self::Weekday
            | Self::Hour
            | Self::Minute => 1,
        }
    }

    /// Returns the largest number in a chain.
    pub(crate) const fn last(self) -> u32 {
        self.greatest() * self.unit() + (self.unit() - 1)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Year => "the year",
            Self::Month => "the month",
            Self::Day => "the day of the month",
            Self::DayFromEnd => "the day counted from the month's end",
            Self::Weekday => "the day of the week",
            Self::Hour => "the hour",
            Self::Minute => "the minute",
            Self::Second => "the second",
        })
    }
}
