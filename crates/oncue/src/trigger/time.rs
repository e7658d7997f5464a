//! A trigger that fires after some minutes.

use std::time::Duration;

use oncue_types::{Trigger, TriggerError, show_span};

use super::BackgroundTrigger;
use super::sealed::Meaning;

/// Wakes a task after some minutes, once or repeatedly.
///
/// Microsoft: *TimeTrigger Class (Windows.ApplicationModel.Background)*. The range is 15 to 43,199
/// minutes of real time, including sleep. As on Windows, the range is checked by
/// [`register`](crate::BackgroundTaskBuilder::register), not by `new`. Windows fires at its next
/// quarter-hour tick. oncue's broker fires within the task's slack, by default a tenth of the
/// period and at most one minute; a one-shot trigger fires to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeTrigger {
    freshness: Duration,
    one_shot: bool,
}

impl TimeTrigger {
    /// Creates a trigger that fires `freshness_minutes` after the registration: once if `one_shot`,
    /// otherwise again after each such period.
    #[must_use]
    pub fn new(freshness_minutes: u32, one_shot: bool) -> Self {
        Self { freshness: Duration::from_secs(60 * u64::from(freshness_minutes)), one_shot }
    }

    /// Creates a trigger that fires again after each such period, first a period after the registration.
    ///
    /// `register` refuses a period that is not a whole number of minutes, or that is out of range.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use oncue::TimeTrigger;
    ///
    /// assert_eq!(TimeTrigger::every(Duration::from_secs(15 * 60)), TimeTrigger::new(15, false));
    /// ```
    #[must_use]
    pub fn every(period: Duration) -> Self {
        Self { freshness: period, one_shot: false }
    }

    /// Creates a trigger that fires once, this long after the registration.
    ///
    /// `register` refuses a delay that is not a whole number of minutes, or that is out of range.
    #[must_use]
    pub fn once_after(delay: Duration) -> Self {
        Self { freshness: delay, one_shot: true }
    }

    /// Returns the minutes, rounded down.
    #[must_use]
    pub fn freshness_time(&self) -> u32 {
        u32::try_from(self.freshness.as_secs() / 60).unwrap_or(u32::MAX)
    }

    /// Returns whether it fires only once.
    #[must_use]
    pub fn one_shot(&self) -> bool {
        self.one_shot
    }
}

impl BackgroundTrigger for TimeTrigger {}

impl Meaning for TimeTrigger {
    fn meaning(&self) -> Result<Trigger, TriggerError> {
        let (minutes, one_shot) = (self.freshness_time(), self.one_shot);
        if Duration::from_secs(60 * u64::from(minutes)) != self.freshness {
            return Err(TriggerError::NotMinutes { text: show_span(self.freshness) });
        }
        Ok(Trigger::Time { minutes, one_shot })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_must_be_a_whole_number_of_minutes() {
        let hour = TimeTrigger::once_after(Duration::from_secs(3_600));
        assert_eq!(hour.meaning(), Ok(Trigger::Time { minutes: 60, one_shot: true }));
        for (span, text) in [(Duration::from_secs(15 * 60 + 30), "15m30s"), (Duration::from_millis(1), "1ms")]
        {
            let refused = TimeTrigger::every(span).meaning();
            assert_eq!(refused, Err(TriggerError::NotMinutes { text: text.to_owned() }));
        }
        assert!(TimeTrigger::every(Duration::MAX).meaning().is_err());
    }
}
