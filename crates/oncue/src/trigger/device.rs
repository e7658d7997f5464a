//! A trigger that fires when a device is added, removed or changed.

use std::sync::Arc;

use oncue_types::{Trigger, Watch};

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

pub use oncue_types::DeviceAction;

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

super::trigger!(DeviceTrigger, trigger => {
    Trigger::Watch(Arc::new(Watch::Device { subsystem: trigger.subsystem.clone(), action: trigger.action }))
});
