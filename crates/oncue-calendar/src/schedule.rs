//! An expression of either language, and the instants at which it fires.

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

/// A calendar expression: when something fires.
///
/// A schedule is a set of instants, with microsecond precision, from 1970 to the end of 2199 in
/// local time. It depends only on the expression and the time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// In systemd's language.
    OnCalendar(OnCalendar),
    /// In cron's language.
    Cron(Cron),
}

impl Schedule {
    /// Parses an expression: `cron` and five fields, one of cron's words (`@daily`), or otherwise
    /// systemd's `OnCalendar`.
    ///
    /// # Errors
    /// Returns an error if it is invalid, with the position; or if none of its dates exists, as in
    /// `*-02-30`.
    pub fn parse(text: &str) -> Result<Self, CalendarError> {
        let prefix = text.strip_prefix(cron::PREFIX).filter(|rest| rest.starts_with([' ', '\t']));
        if prefix.is_some() || cron::is_word(text) {
            let at = if prefix.is_some() { cron::PREFIX.len() } else { 0 };
            return Self::Cron(Cron::parse_from(text, at)?).unless_never(text);
        }
        Self::OnCalendar(OnCalendar::parse(text)?).unless_never(text)
    }

    /// Parses a cron expression without the word `cron`.
    ///
    /// # Errors
    /// Returns the same errors as [`Schedule::parse`].
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

    /// Returns why it never occurs in any zone, if none of its dates exists.
    #[must_use]
    pub fn never(&self) -> Option<String> {
        match self {
            Self::OnCalendar(on) => never::why(on, |date| on.has_day(date)),
            Self::Cron(cron) => never::why(cron, |date| cron.has_day(date)),
        }
    }

    /// Returns the time zone that it names; `None` means the local one.
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

    /// Returns the time zone of the expression: its own, found by `lookup`, or the local one.
    ///
    /// `lookup` is not called for `UTC`. Names are compared exactly, as on a file system: a zone
    /// that `lookup` returns under another spelling is unknown.
    ///
    /// # Errors
    /// Returns an error if `lookup` finds no zone with this name.
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

    /// Returns whether it runs all day: its minute or hour begins with a wildcard or a repetition.
    ///
    /// Such a schedule follows the clock, even if it is set back a little. A schedule with a fixed
    /// time of day fires once a day, as in cron(8).
    #[must_use]
    pub fn is_wild(&self) -> bool {
        match self {
            Self::OnCalendar(on) => on.is_wild(),
            Self::Cron(cron) => cron.is_wild(),
        }
    }

    /// Returns the first firing after `after`, or `None` if there is none.
    ///
    /// `zone` is the result of [`Schedule::zone_from`].
    #[must_use]
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::OnCalendar(on) => timeline::next(on, on.habits(), after, zone),
            Self::Cron(cron) => timeline::next(cron, cron.habits(), after, zone),
        }
    }

    /// Returns the last firing before `before`, or `None` if there is none.
    #[must_use]
    pub fn previous(&self, before: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::OnCalendar(on) => timeline::previous(on, on.habits(), before, zone),
            Self::Cron(cron) => timeline::previous(cron, cron.habits(), before, zone),
        }
    }

    /// Returns all firings after `after`, in order.
    pub fn firings<'a>(&'a self, after: Timestamp, zone: &'a TimeZone) -> Firings<'a> {
        Firings { schedule: self, zone, after }
    }
}

/// The instants at which a schedule fires.
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

/// Parses like [`Schedule::parse`].
impl FromStr for Schedule {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        Self::parse(text)
    }
}

/// Displays the normalised form, which [`Schedule::parse`] accepts.
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnCalendar(on) => on.fmt(f),
            Self::Cron(cron) => cron.fmt(f),
        }
    }
}
