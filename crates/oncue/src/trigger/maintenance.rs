//! After so many minutes, on external power.

/// Wakes a task after so many minutes, and lets it run on external power only.
///
/// Microsoft: *MaintenanceTrigger Class (Windows.ApplicationModel.Background)*. The minutes are
/// those of a [`TimeTrigger`](crate::TimeTrigger). While the machine runs on its battery the fired
/// task is held; a run is cancelled with `Abort` when the power is lost. Windows does not give it to
/// tasks with a class id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaintenanceTrigger {
    freshness_minutes: u32,
    one_shot: bool,
}

impl MaintenanceTrigger {
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

super::trigger!(MaintenanceTrigger, trigger => {
    let word = if trigger.one_shot { "once" } else { "every" };
    format!("maintenance {word} {}m", trigger.freshness_minutes)
});
