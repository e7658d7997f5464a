//! A trigger that fires after the machine has started.

/// Wakes a task when the broker starts for the first time after the machine has started.
///
/// WinRT has no counterpart; refused on Windows, where an app can use `windows.startupTask` in its
/// manifest instead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StartupTrigger;

impl StartupTrigger {
    /// Creates a trigger.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

super::trigger!(StartupTrigger, _trigger => oncue_types::Trigger::Startup);
