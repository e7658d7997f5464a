//! A cron expression: five fields, as described in crontab(5).

mod parse;
mod set;

use alloc::vec::Vec;
use core::fmt;

use jiff::civil::Date;

use crate::counterpart::Fields;
pub(crate) use crate::cron::parse::is_word;
use crate::cron::set::Set;
use crate::error::CalendarError;
use crate::pattern::{HOUR, LAST, MINUTE, Pattern};
use crate::timeline::Habits;
use crate::zone::Zone;

/// A cron expression: `0 9 * * 1-5`.
///
/// If both days are restricted, one of them suffices, as in Vixie's cron: `0 0 13 * 5` is every
/// 13th and every Friday. A field counts as restricted unless it begins with `*`.
///
/// When clocks change, it behaves like cron(8). If minute or hour begins with `*`, it follows the
/// clock, and fires twice in a repeated hour. Otherwise, a skipped time fires once, as soon as the
/// clock has been set forward, and a repeated time fires only the first time.
///
/// A sixth word may name a time zone. `Display` writes `cron`, then the fields with numbers instead
/// of names.
///
/// Source: crontab(5), cron(8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    minute: Set,
    hour: Set,
    day: Set,
    month: Set,
    weekday: Set,
    zone: Zone,
}

impl Cron {
    /// Parses five fields, or `@hourly`, `@daily`, `@midnight`, `@weekly`, `@monthly`, `@yearly`,
    /// `@annually`. Also accepts expressions that never occur, such as `0 0 30 2 *`, which
    /// [`Schedule::parse_cron`](crate::Schedule::parse_cron) refuses.
    ///
    /// # Errors
    /// Returns an error if the expression is invalid. Whether the time zone exists is not checked.
    pub fn parse(text: &str) -> Result<Self, CalendarError> {
        parse::expression(text, 0)
    }

    /// Like `parse`, but starts at a byte of a longer text. Positions of errors count from the
    /// beginning of the text.
    pub(crate) fn parse_from(text: &str, at: usize) -> Result<Self, CalendarError> {
        parse::expression(text, at)
    }

    pub(crate) fn zone(&self) -> &Zone {
        &self.zone
    }

    pub(crate) fn habits(&self) -> Habits {
        let wild = self.is_wild();
        Habits { makes_up: !wild, repeats: wild }
    }

    /// Whether the minute or the hour begins with `*`.
    pub(crate) fn is_wild(&self) -> bool {
        self.minute.is_wild() || self.hour.is_wild()
    }

    /// Returns its numbers. If one of the days suffices, there are two sets of fields.
    pub(crate) fn fields(&self) -> Vec<Fields> {
        let both = Fields {
            minute: self.minute.bits(),
            hour: self.hour.bits(),
            day: self.day.bits(),
            month: self.month.bits(),
            weekday: self.weekday.bits(),
        };
        if !self.is_either() {
            return alloc::vec![both];
        }
        let [any_weekday, any_day] =
            [Fields { weekday: Fields::ALWAYS.weekday, ..both }, Fields { day: Fields::ALWAYS.day, ..both }];
        alloc::vec![any_weekday, any_day]
    }

    /// Whether it accepts the date, apart from the weekday.
    pub(crate) fn has_day(&self, date: Date) -> bool {
        self.day.has(date.day()) || self.is_either()
    }

    /// Whether either the day of the month or the day of the week suffices.
    fn is_either(&self) -> bool {
        !self.day.is_wild() && !self.weekday.is_wild()
    }
}

impl Pattern for Cron {
    fn has_year(&self, _: i16) -> bool {
        true
    }

    fn has_month(&self, month: i8) -> bool {
        self.month.has(month)
    }

    fn has_date(&self, date: Date) -> bool {
        let day = self.day.has(date.day());
        let weekday = self.weekday.has(date.weekday().to_sunday_zero_offset());
        if self.is_either() { day || weekday } else { day && weekday }
    }

    fn next_time(&self, from: u64) -> Option<u64> {
        let minute = from.div_ceil(MINUTE);
        (minute..=LAST / MINUTE).find(|minute| self.has_minute(*minute)).map(|minute| minute * MINUTE)
    }

    fn previous_time(&self, until: u64) -> Option<u64> {
        let minute = until.min(LAST) / MINUTE;
        (0..=minute).rev().find(|minute| self.has_minute(*minute)).map(|minute| minute * MINUTE)
    }
}

impl Cron {
    /// Whether it accepts this minute of the day.
    fn has_minute(&self, minute: u64) -> bool {
        const OF_HOUR: u64 = HOUR / MINUTE;
        let has = |set: &Set, number: u64| i8::try_from(number).is_ok_and(|number| set.has(number));
        has(&self.hour, minute / OF_HOUR) && has(&self.minute, minute % OF_HOUR)
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { minute, hour, day, month, weekday, zone } = self;
        write!(f, "{PREFIX} {minute} {hour} {day} {month} {weekday}{zone}")
    }
}

/// The word that marks a cron expression where an `OnCalendar` expression is also possible.
pub(crate) const PREFIX: &str = "cron";
