//! A trigger that fires after some minutes, for work that needs external power.

/// Wakes a task after some minutes, and lets it run only on external power.
///
/// Microsoft: *MaintenanceTrigger Class (Windows.ApplicationModel.Background)*. The range of
/// minutes is the same as for a [`TimeTrigger`](crate::TimeTrigger). While the machine is on
/// battery, a fired task is held; a run is cancelled with `Abort` when external power is lost. Not
/// available on Windows for tasks with a class id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaintenanceTrigger {
    freshness_minutes: u32,
    one_shot: bool,
}

impl MaintenanceTrigger {
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

super::trigger!(MaintenanceTrigger, trigger => oncue_types::Trigger::Maintenance {
    minutes: trigger.freshness_minutes,
    one_shot: trigger.one_shot,
});
