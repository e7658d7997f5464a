//! When a device comes, goes or changes.

/// Wakes a task when a device comes, goes or changes.
///
/// Microsoft: *DeviceWatcherTrigger Class (Windows.ApplicationModel.Background)*, which selects devices
/// by other words; here it is the kernel's name of their kind, as `udevadm monitor` shows it. Windows
/// does not give it to tasks with a class id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceTrigger {
    subsystem: String,
    action: Option<DeviceAction>,
}

/// What happens to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeviceAction {
    /// It is plugged in.
    Added,
    /// It is pulled out.
    Removed,
    /// It says something new of itself, as a drive does whose disc is changed.
    Changed,
}

impl DeviceTrigger {
    /// Makes a trigger for whatever happens to devices of a kind: `usb`, `block`, `net`.
    #[must_use]
    pub fn new(subsystem: impl Into<String>) -> Self {
        Self { subsystem: subsystem.into(), action: None }
    }

    /// Makes a trigger for one thing that happens to devices of a kind.
    #[must_use]
    pub fn on(subsystem: impl Into<String>, action: DeviceAction) -> Self {
        Self { subsystem: subsystem.into(), action: Some(action) }
    }
}

impl DeviceAction {
    const fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

super::trigger!(DeviceTrigger, trigger => match trigger.action {
    None => format!("device {}", trigger.subsystem),
    Some(action) => format!("device {} {}", trigger.subsystem, action.name()),
});
