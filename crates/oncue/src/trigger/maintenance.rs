//! A trigger that fires after some minutes, for work that needs external power.

use std::time::Duration;

use oncue_types::{Trigger, TriggerError};

use super::period::Period;
use super::sealed::Meaning;
use super::{BackgroundTrigger, OneShot};

/// Wakes a task after some minutes, and lets it run only on external power.
///
/// Microsoft: *MaintenanceTrigger Class (Windows.ApplicationModel.Background)*. The range of
/// minutes is the same as for a [`TimeTrigger`](crate::TimeTrigger). While the machine is on
/// battery, a fired task is held; a run is cancelled with `Abort` when external power is lost. Not
/// available on Windows for tasks with a class id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaintenanceTrigger {
    period: Period,
}

impl MaintenanceTrigger {
    /// Creates a trigger that fires `freshness_minutes` after the registration, once or again after
    /// each such period. [`every`](Self::every) and [`once_after`](Self::once_after) do the same.
    /// Microsoft: *MaintenanceTrigger(UInt32, Boolean) Constructor*.
    #[must_use]
    pub fn new(freshness_minutes: u32, one_shot: OneShot) -> Self {
        Self { period: Period::of_minutes(freshness_minutes, one_shot) }
    }

    /// Creates a trigger that fires after each such period, the first time one period after the
    /// registration.
    ///
    /// `register` refuses a period that is not a whole number of minutes, or that is out of range.
    #[must_use]
    pub fn every(period: Duration) -> Self {
        Self { period: Period::of(period, OneShot::No) }
    }

    /// Creates a trigger that fires once, this long after the registration.
    ///
    /// `register` refuses a delay that is not a whole number of minutes, or that is out of range.
    #[must_use]
    pub fn once_after(delay: Duration) -> Self {
        Self { period: Period::of(delay, OneShot::Yes) }
    }

    /// Returns the minutes, rounded down. Microsoft: *MaintenanceTrigger.FreshnessTime*.
    #[must_use]
    pub fn freshness_time(&self) -> u32 {
        self.period.minutes()
    }

    /// Returns whether it fires only once. Microsoft: *MaintenanceTrigger.OneShot*.
    #[must_use]
    pub fn one_shot(&self) -> bool {
        self.period.is_one_shot()
    }
}

impl BackgroundTrigger for MaintenanceTrigger {}

impl Meaning for MaintenanceTrigger {
    fn meaning(&self) -> Result<Trigger, TriggerError> {
        Ok(Trigger::Maintenance { minutes: self.period.whole_minutes()?, one_shot: self.one_shot() })
    }
}
