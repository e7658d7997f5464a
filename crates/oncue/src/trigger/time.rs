//! A trigger that fires after some minutes.

/// Wakes a task after some minutes, once or repeatedly.
///
/// Microsoft: *TimeTrigger Class (Windows.ApplicationModel.Background)*. The range is 15 to 43,199
/// minutes of real time, including sleep. As on Windows, the range is checked by
/// [`register`](crate::BackgroundTaskBuilder::register), not by `new`. Windows fires at its next
/// quarter-hour tick. oncue's broker fires within the task's slack, by default a tenth of the
/// period and at most one minute; a one-shot trigger fires to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeTrigger {
    freshness_minutes: u32,
    one_shot: bool,
}

impl TimeTrigger {
    /// Creates a trigger that fires `freshness_minutes` after the registration: once if `one_shot`,
    /// otherwise again after each such period.
    #[must_use]
    pub fn new(freshness_minutes: u32, one_shot: bool) -> Self {
        Self { freshness_minutes, one_shot }
    }

    /// Returns the minutes.
    #[must_use]
    pub fn freshness_time(&self) -> u32 {
        self.freshness_minutes
    }

    /// Returns whether it fires only once.
    #[must_use]
    pub fn one_shot(&self) -> bool {
        self.one_shot
    }
}

super::trigger!(TimeTrigger, trigger => oncue_types::Trigger::Time {
    minutes: trigger.freshness_minutes,
    one_shot: trigger.one_shot,
});
