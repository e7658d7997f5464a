//! An expression of systemd's `OnCalendar` language.

mod list;
mod parse;
mod shorthand;
mod weekday;

use core::fmt;

use jiff::civil::Date;

use crate::chain::Chain;
use crate::counterpart::{Fields, NotCron};
use crate::error::CalendarError;
use crate::field::Field;
use crate::pattern::{HOUR, LAST, MINUTE, Pattern};
use crate::timeline::Habits;
use crate::weekdays::Weekdays;
use crate::zone::Zone;

/// An expression of systemd's `OnCalendar` language: `Mon..Fri *-*-* 09:00:00 Europe/Berlin`.
///
/// `Display` writes systemd's normalised form, which [`OnCalendar::parse`] accepts.
///
/// Source: systemd.time(7), section *Calendar Events*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnCalendar {
    pub(crate) weekdays: Weekdays,
    pub(crate) year: Chain,
    pub(crate) month: Chain,
    pub(crate) day: Chain,
    /// Whether days are counted from the end of the month: `~`.
    pub(crate) from_end: bool,
    pub(crate) hour: Chain,
    pub(crate) minute: Chain,
    pub(crate) second: Chain,
    pub(crate) zone: Zone,
}

impl OnCalendar {
    /// Parses an expression like systemd, including expressions that never occur, such as
    /// `*-02-30`. [`Schedule::parse`](crate::Schedule::parse) refuses those.
    ///
    /// # Errors
    /// Returns an error if systemd refuses the expression. Whether the time zone exists is not
    /// checked.
    pub fn parse(text: &str) -> Result<Self, CalendarError> {
        parse::expression(text)
    }

    /// Skipped readings are left out, as in systemd. Repeated readings fire only the first time,
    /// unless the expression runs all day.
    pub(crate) fn habits(&self) -> Habits {
        Habits { makes_up: false, repeats: self.is_wild() }
    }

    /// Whether the hour or the minute begins with a wildcard or a repetition.
    pub(crate) fn is_wild(&self) -> bool {
        self.hour.is_wild() || self.minute.is_wild()
    }

    /// Returns its numbers, if cron has such fields.
    pub(crate) fn fields(&self) -> Result<Fields, NotCron> {
        if self.second.next(0, Field::Second) != Some(0) || self.second.next(1, Field::Second).is_some() {
            return Err(NotCron::Seconds);
        }
        if !self.year.is_any() {
            return Err(NotCron::Years);
        }
        if self.from_end {
            return Err(NotCron::FromEnd);
        }
        Ok(Fields {
            minute: self.minute.bits(Field::Minute),
            hour: self.hour.bits(Field::Hour),
            day: self.day.bits(Field::Day),
            month: self.month.bits(Field::Month),
            weekday: self.weekdays.bits_from_sunday(),
        })
    }

    /// Every second of every day.
    fn always() -> Self {
        Self {
            weekdays: Weekdays::ALL,
            year: Chain::ANY,
            month: Chain::ANY,
            day: Chain::ANY,
            from_end: false,
            hour: Chain::ANY,
            minute: Chain::ANY,
            second: Chain::every_second(),
            zone: Zone::Local,
        }
    }

    /// Whether it accepts the date, apart from the weekday.
    pub(crate) fn has_day(&self, date: Date) -> bool {
        let day = date.day().unsigned_abs().into();
        match self.from_end {
            true => self.day.has_from_end(day, date.days_in_month().unsigned_abs().into()),
            false => self.day.has(day),
        }
    }
}

/// Whether the word is a whole expression.
pub(crate) fn is_shorthand(word: &str) -> bool {
    shorthand::find(word).is_some()
}

impl Pattern for OnCalendar {
    fn has_year(&self, year: i16) -> bool {
        self.year.has(year.unsigned_abs().into())
    }

    fn has_month(&self, month: i8) -> bool {
        self.month.has(month.unsigned_abs().into())
    }

    fn has_date(&self, date: Date) -> bool {
        self.has_day(date) && self.weekdays.has(date.weekday())
    }

    fn next_time(&self, from: u64) -> Option<u64> {
        let (mut hour, mut minute, mut second) = parts(from)?;
        loop {
            let next = self.hour.next(hour, Field::Hour)?;
            if next > hour {
                (hour, minute, second) = (next, 0, 0);
            }
            while let Some(next) = self.minute.next(minute, Field::Minute) {
                if next > minute {
                    (minute, second) = (next, 0);
                }
                if let Some(second) = self.second.next(second, Field::Second) {
                    return Some(whole(hour, minute, second));
                }
                (minute, second) = (minute + 1, 0);
            }
            (hour, minute, second) = (hour + 1, 0, 0);
        }
    }

    fn previous_time(&self, until: u64) -> Option<u64> {
        let (hour, minute, second) = parts(until)?;
        let (last_minute, last_second) = (Field::Minute.last(), Field::Second.last());
        if self.hour.has(hour) {
            if self.minute.has(minute)
                && let Some(second) = self.second.previous(second, Field::Second)
            {
                return Some(whole(hour, minute, second));
            }
            if let Some(minute) = minute.checked_sub(1)
                && let Some(minute) = self.minute.previous(minute, Field::Minute)
            {
                return Some(whole(hour, minute, self.second.previous(last_second, Field::Second)?));
            }
        }
        let hour = self.hour.previous(hour.checked_sub(1)?, Field::Hour)?;
        let minute = self.minute.previous(last_minute, Field::Minute)?;
        Some(whole(hour, minute, self.second.previous(last_second, Field::Second)?))
    }
}

/// Hour, minute, and the microsecond of that minute.
fn parts(micros: u64) -> Option<(u32, u32, u32)> {
    let part = |number: u64| u32::try_from(number).ok();
    let micros = micros.min(LAST);
    Some((part(micros / HOUR)?, part(micros % HOUR / MINUTE)?, part(micros % MINUTE)?))
}

fn whole(hour: u32, minute: u32, second: u32) -> u64 {
    u64::from(hour) * HOUR + u64::from(minute) * MINUTE + u64::from(second)
}

impl fmt::Display for OnCalendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.weekdays != Weekdays::ALL {
            write!(f, "{} ", self.weekdays)?;
        }
        self.year.write(f, Field::Year)?;
        f.write_str("-")?;
        self.month.write(f, Field::Month)?;
        f.write_str(if self.from_end { "~" } else { "-" })?;
        self.day.write(f, Field::Day)?;
        f.write_str(" ")?;
        self.hour.write(f, Field::Hour)?;
        f.write_str(":")?;
        self.minute.write(f, Field::Minute)?;
        f.write_str(":")?;
        self.second.write(f, Field::Second)?;
        write!(f, "{}", self.zone)
    }
}
