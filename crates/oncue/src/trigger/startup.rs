//! When a session begins.

/// Wakes a task when a session begins: at the broker's first start after the machine was started.
///
/// WinRT has no counterpart; refused on Windows, where `windows.startupTask` in the manifest does the
/// same for an app.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StartupTrigger;

impl StartupTrigger {
    /// Makes a trigger.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

super::trigger!(StartupTrigger, _trigger => "startup".to_owned());
