//! The readings of a wall clock that an expression accepts, and the search for them.
//!
//! Time zones play no role here: a *reading* is a date and a time of day, in microseconds.

use jiff::civil::{Date, DateTime, Time};

use crate::field::YEARS;

/// The readings that an expression accepts: a set of dates, and the same times on each of them.
pub(crate) trait Pattern {
    /// Whether the year contains accepted dates.
    fn has_year(&self, year: i16) -> bool;
    /// Whether the month of such a year contains accepted dates.
    fn has_month(&self, month: i8) -> bool;
    /// Whether the date of such a month is accepted.
    fn has_date(&self, date: Date) -> bool;
    /// The earliest time at or after `from`, in microseconds since midnight.
    fn next_time(&self, from: u64) -> Option<u64>;
    /// The latest time at or before `until`.
    fn previous_time(&self, until: u64) -> Option<u64>;
}

/// The last microsecond of a day.
pub(crate) const LAST: u64 = 86_400_000_000 - 1;

/// The earliest accepted reading at or after `from`.
pub(crate) fn next(pattern: &impl Pattern, from: DateTime) -> Option<DateTime> {
    if is_date(pattern, from.date())
        && let Some(time) = pattern.next_time(micros(from.time()))
    {
        return reading(from.date(), time);
    }
    reading(next_date(pattern, from.date().tomorrow().ok()?)?, pattern.next_time(0)?)
}

/// The latest accepted reading at or before `until`.
pub(crate) fn previous(pattern: &impl Pattern, until: DateTime) -> Option<DateTime> {
    if is_date(pattern, until.date())
        && let Some(time) = pattern.previous_time(micros(until.time()))
    {
        return reading(until.date(), time);
    }
    reading(previous_date(pattern, until.date().yesterday().ok()?)?, pattern.previous_time(LAST)?)
}

fn is_date(pattern: &impl Pattern, date: Date) -> bool {
    let year = date.year();
    YEARS.contains(&year)
        && pattern.has_year(year)
        && pattern.has_month(date.month())
        && pattern.has_date(date)
}

/// The earliest date at or after `from`. A pattern without a date in some 84,000 days has none.
pub(crate) fn next_date(pattern: &impl Pattern, from: Date) -> Option<Date> {
    for year in from.year().max(*YEARS.start())..=*YEARS.end() {
        if !pattern.has_year(year) {
            continue;
        }
        for month in (1..=12).filter(|month| pattern.has_month(*month)) {
            let first = Date::new(year, month, 1).ok()?;
            let mut dates = (1..=first.days_in_month()).filter_map(|day| Date::new(year, month, day).ok());
            let found = dates.find(|date| *date >= from && pattern.has_date(*date));
            if found.is_some() {
                return found;
            }
        }
    }
    None
}

/// The latest date at or before `until`.
fn previous_date(pattern: &impl Pattern, until: Date) -> Option<Date> {
    for year in (*YEARS.start()..=until.year().min(*YEARS.end())).rev() {
        if !pattern.has_year(year) {
            continue;
        }
        for month in (1..=12).rev().filter(|month| pattern.has_month(*month)) {
            let first = Date::new(year, month, 1).ok()?;
            let days = (1..=first.days_in_month()).rev();
            let mut dates = days.filter_map(|day| Date::new(year, month, day).ok());
            let found = dates.find(|date| *date <= until && pattern.has_date(*date));
            if found.is_some() {
                return found;
            }
        }
    }
    None
}

fn reading(date: Date, micros: u64) -> Option<DateTime> {
    let part = |unit: u64, of: u64| i8::try_from(micros / unit % of).ok();
    let nanos = i32::try_from(micros % SECOND * 1_000).ok()?;
    let time = Time::new(part(HOUR, 24)?, part(MINUTE, 60)?, part(SECOND, 60)?, nanos).ok()?;
    Some(date.to_datetime(time))
}

pub(crate) const SECOND: u64 = 1_000_000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const HOUR: u64 = 60 * MINUTE;

/// Microseconds since midnight.
fn micros(time: Time) -> u64 {
    let whole = |number: i8| u64::from(number.unsigned_abs());
    whole(time.hour()) * HOUR
        + whole(time.minute()) * MINUTE
        + whole(time.second()) * SECOND
        + u64::from(time.subsec_nanosecond().unsigned_abs()) / 1_000
}
