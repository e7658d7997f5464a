//! A trigger that fires after some minutes.

use std::time::Duration;

use oncue_types::{Trigger, TriggerError};

use super::period::Period;
use super::sealed::Meaning;
use super::{BackgroundTrigger, OneShot};

/// Wakes a task after some minutes, once or repeatedly.
///
/// Microsoft: *TimeTrigger Class (Windows.ApplicationModel.Background)*. The range is 15 to 43,199
/// minutes of real time, including sleep. As on Windows, the range is checked by
/// [`register`](crate::BackgroundTaskBuilder::register), not by the constructors. Windows fires at its
/// next quarter-hour tick. oncue's broker fires within the task's slack, by default a tenth of the
/// period and at most one minute; a one-shot trigger fires to the second.
///
/// ```
/// use std::time::Duration;
///
/// use oncue::{OneShot, TimeTrigger};
///
/// let trigger = TimeTrigger::every(Duration::from_secs(15 * 60));
/// assert_eq!(trigger, TimeTrigger::new(15, OneShot::No));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeTrigger {
    period: Period,
}

impl TimeTrigger {
    /// Creates a trigger that fires `freshness_minutes` after the registration, once or again after
    /// each such period. [`every`](Self::every) and [`once_after`](Self::once_after) do the same.
    /// Microsoft: *TimeTrigger(UInt32, Boolean) Constructor*.
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

    /// Returns the minutes, rounded down. Microsoft: *TimeTrigger.FreshnessTime*.
    #[must_use]
    pub fn freshness_time(&self) -> u32 {
        self.period.minutes()
    }

    /// Returns whether it fires only once. Microsoft: *TimeTrigger.OneShot*.
    #[must_use]
    pub fn one_shot(&self) -> bool {
        self.period.is_one_shot()
    }
}

impl BackgroundTrigger for TimeTrigger {}

impl Meaning for TimeTrigger {
    fn meaning(&self) -> Result<Trigger, TriggerError> {
        Ok(Trigger::Time { minutes: self.period.whole_minutes()?, one_shot: self.one_shot() })
    }
}
