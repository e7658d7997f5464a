//! After so many minutes.

/// Wakes a task after so many minutes, once or again and again.
///
/// Microsoft: *TimeTrigger Class (Windows.ApplicationModel.Background)*. From 15 to 43,199 minutes
/// of real time, sleep included; as on Windows, [`register`](crate::BackgroundTaskBuilder::register)
/// checks the range and `new` does not. Windows fires at its next quarter-hour tick; oncue's broker
/// fires within the task's slack, by default a tenth of the period and at most one minute; a trigger that
/// fires once fires to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeTrigger {
    freshness_minutes: u32,
    one_shot: bool,
}

impl TimeTrigger {
    /// Makes a trigger that fires `freshness_minutes` after the registration: once if `one_shot`,
    /// else every so many minutes.
    #[must_use]
    pub fn new(freshness_minutes: u32, one_shot: bool) -> Self {
        Self { freshness_minutes, one_shot }
    }

    /// Returns the minutes.
    #[must_use]
    pub fn freshness_time(&self) -> u32 {
        self.freshness_minutes
    }

    /// Returns whether it fires once only.
    #[must_use]
    pub fn one_shot(&self) -> bool {
        self.one_shot
    }
}

super::trigger!(TimeTrigger, trigger => {
    let word = if trigger.one_shot { "once" } else { "every" };
    format!("{word} {}m", trigger.freshness_minutes)
});
