//! A trigger that fires when a device is added, removed or changed.

/// Wakes a task when a device is added, removed or changed.
///
/// Microsoft: *DeviceWatcherTrigger Class (Windows.ApplicationModel.Background)*, which selects
/// devices differently; here, they are selected by the kernel's name of their kind, as shown by
/// `udevadm monitor`. Not available on Windows for tasks with a class id.
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
    /// It reports a change, such as a new disc in a drive.
    Changed,
}

impl DeviceTrigger {
    /// Creates a trigger for anything that happens to devices of a kind: `usb`, `block`, `net`.
    #[must_use]
    pub fn new(subsystem: impl Into<String>) -> Self {
        Self { subsystem: subsystem.into(), action: None }
    }

    /// Creates a trigger for one action on devices of a kind.
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
