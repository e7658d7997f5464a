//! A trigger that fires when the machine has started, and when the user logs in.

/// Wakes a task when the broker starts for the first time after the machine has started or the user
/// has logged in, and when the user logs in while it runs.
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
