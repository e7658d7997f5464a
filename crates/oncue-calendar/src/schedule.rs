//! An expression of either language, and the instants at which it comes true.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cron::{self, Cron};
use crate::error::{CalendarError, Mistake, UnknownZone};
use crate::never;
use crate::on_calendar::OnCalendar;
use crate::reader::{Place, Reader};
use crate::timeline;
use crate::zone::Zone;

/// When something comes true, by the calendar.
///
/// A schedule is a set of instants, to the microsecond, from 1970 to the end of 2199 as the time
/// zone's clock reads; each instant depends on nothing but schedule and zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// As systemd writes it.
    OnCalendar(OnCalendar),
    /// As cron writes it.
    Cron(Cron),
}

impl Schedule {
    /// Reads an expression: `cron` and five fields, one of cron's words (`@daily`), or else
    /// systemd's `OnCalendar`.
    ///
    /// # Errors
    /// When it cannot be read, with the place; and when no date of it exists: `*-02-30`.
    pub fn parse(text: &str) -> Result<Self, CalendarError> {
        let prefix = text.strip_prefix(cron::PREFIX).filter(|rest| rest.starts_with([' ', '\t']));
        if prefix.is_some() || cron::is_word(text) {
            let at = if prefix.is_some() { cron::PREFIX.len() } else { 0 };
            return Self::Cron(Cron::parse_from(text, at)?).unless_never(text);
        }
        Self::OnCalendar(OnCalendar::parse(text)?).unless_never(text)
    }

    /// Reads an expression of cron, without the word `cron` before it.
    ///
    /// # Errors
    /// As [`Schedule::parse`].
    pub fn parse_cron(text: &str) -> Result<Self, CalendarError> {
        Self::Cron(Cron::parse(text)?).unless_never(text)
    }

    fn unless_never(self, text: &str) -> Result<Self, CalendarError> {
        match self.never() {
            None => Ok(self),
            Some(why) => {
                let whole = Place { from: 0, to: text.len() };
                Err(Reader::new(text, 0).error(whole, Mistake::Never { why }))
            }
        }
    }

    /// Returns why it never comes true in any zone, if none of its dates exists.
    #[must_use]
    pub fn never(&self) -> Option<String> {
        match self {
            Self::OnCalendar(on) => never::why(on, |date| on.has_day(date)),
            Self::Cron(cron) => never::why(cron, |date| cron.has_day(date)),
        }
    }

    /// Returns the time zone that it names; none means the local one.
    #[must_use]
    pub fn zone(&self) -> Option<&str> {
        self.own_zone().name()
    }

    fn own_zone(&self) -> &Zone {
        match self {
            Self::OnCalendar(on) => &on.zone,
            Self::Cron(cron) => cron.zone(),
        }
    }

    /// Returns the zone in which it is meant: its own, found by `lookup`, or the local one.
    ///
    /// `lookup` is not asked for `UTC`. Names are compared letter by letter, as on a file system:
    /// a zone that `lookup` knows by another spelling is unknown.
    ///
    /// # Errors
    /// When `lookup` finds no zone of that name.
    pub fn zone_from(
        &self,
        local: &TimeZone,
        lookup: impl FnOnce(&str) -> Option<TimeZone>,
    ) -> Result<TimeZone, UnknownZone> {
        let name = match self.own_zone() {
            Zone::Local => return Ok(local.clone()),
            Zone::Utc => return Ok(TimeZone::UTC),
            Zone::Named(name) => name,
        };
        let found = lookup(name).filter(|zone| zone.iana_name().is_none_or(|found| found == &**name));
        found.ok_or_else(|| UnknownZone { name: String::from(&**name) })
    }

    /// Returns whether it goes on all day long: its minute or hour begins with a wildcard or a
    /// repetition.
    ///
    /// What such a schedule does follows the clock as it reads, also when it is put back a little; what
    /// has a fixed time of day comes once a day, as in cron(8).
    #[must_use]
    pub fn is_wild(&self) -> bool {
        match self {
            Self::OnCalendar(on) => on.is_wild(),
            Self::Cron(cron) => cron.is_wild(),
        }
    }

    /// Returns the first instant after `after` at which it comes true, or none if it never does again.
    ///
    /// `zone` is what [`Schedule::zone_from`] returns.
    #[must_use]
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::OnCalendar(on) => timeline::next(on, on.habits(), after, zone),
            Self::Cron(cron) => timeline::next(cron, cron.habits(), after, zone),
        }
    }

    /// Returns the last instant before `before` at which it came true, or none if it never did.
    #[must_use]
    pub fn previous(&self, before: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::OnCalendar(on) => timeline::previous(on, on.habits(), before, zone),
            Self::Cron(cron) => timeline::previous(cron, cron.habits(), before, zone),
        }
    }

    /// Returns all instants after `after` at which it comes true, in their order.
    pub fn firings<'a>(&'a self, after: Timestamp, zone: &'a TimeZone) -> Firings<'a> {
        Firings { schedule: self, zone, after }
    }
}

/// The instants at which a schedule comes true.
#[derive(Clone, Debug)]
pub struct Firings<'a> {
    schedule: &'a Schedule,
    zone: &'a TimeZone,
    after: Timestamp,
}

impl Iterator for Firings<'_> {
    type Item = Timestamp;

    fn next(&mut self) -> Option<Timestamp> {
        self.after = self.schedule.next(self.after, self.zone)?;
        Some(self.after)
    }
}

/// Reads as [`Schedule::parse`] does.
impl FromStr for Schedule {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        Self::parse(text)
    }
}

/// Shows the normalised form, which [`Schedule::parse`] reads back.
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnCalendar(on) => on.fmt(f),
            Self::Cron(cron) => cron.fmt(f),
        }
    }
}
