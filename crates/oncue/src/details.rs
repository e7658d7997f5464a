//! Why a task runs.

use std::path::Path;
use std::time::SystemTime;

/// Why the task runs.
///
/// Microsoft: *IBackgroundTaskInstance.TriggerDetails Property*; on Windows, a `TimeTrigger` has
/// none.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TriggerDetails {
    /// The trigger, such as `every 15m`; empty if the task has been unregistered in the meantime.
    pub trigger: String,
    /// When the trigger fired; the first time, if this run answers several firings. Windows does
    /// not report this; there it is the time when the run began.
    pub fired_at: SystemTime,
    /// How many firings this run answers; more than one after the machine was off or the task was
    /// held. Windows does not report this; there it is always 1.
    pub firings: u32,
    /// Details that depend on the kind of trigger: arguments; paths; a device's properties as
    /// `KEY=value`; a signal's sender, path, interface, member and body; a push message.
    pub items: Vec<String>,
    /// How many items were left out because there were too many.
    pub left_out: u32,
}

/// The kind of trigger that made the task run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TriggerKind {
    /// A [`TimeTrigger`](crate::TimeTrigger).
    Time,
    /// A [`MaintenanceTrigger`](crate::MaintenanceTrigger).
    Maintenance,
    /// A [`CalendarTrigger`](crate::CalendarTrigger).
    Calendar,
    /// A [`SystemTrigger`](crate::SystemTrigger).
    System,
    /// An [`ApplicationTrigger`](crate::ApplicationTrigger).
    Application,
    /// A [`CustomSystemEventTrigger`](crate::CustomSystemEventTrigger).
    CustomSystemEvent,
    /// A [`StartupTrigger`](crate::StartupTrigger).
    Startup,
    /// A [`PathTrigger`](crate::PathTrigger).
    Path,
    /// A [`StorageLibraryContentChangedTrigger`](crate::StorageLibraryContentChangedTrigger).
    StorageLibrary,
    /// A [`DeviceTrigger`](crate::DeviceTrigger).
    Device,
    /// A [`BusSignalTrigger`](crate::BusSignalTrigger).
    BusSignal,
    /// A [`PushNotificationTrigger`](crate::PushNotificationTrigger).
    PushNotification,
    /// Unknown to this version, or the task has been unregistered in the meantime.
    Unknown,
}

impl TriggerDetails {
    /// Returns the kind of the trigger.
    #[must_use]
    pub fn kind(&self) -> TriggerKind {
        match self.trigger.split_whitespace().next().unwrap_or_default() {
            "every" | "once" => TriggerKind::Time,
            "maintenance" => TriggerKind::Maintenance,
            "calendar" | "cron" => TriggerKind::Calendar,
            "on" => TriggerKind::System,
            "application" => TriggerKind::Application,
            "signal" => TriggerKind::CustomSystemEvent,
            "startup" => TriggerKind::Startup,
            "path" => TriggerKind::Path,
            "tree" => TriggerKind::StorageLibrary,
            "device" => TriggerKind::Device,
            "bus" => TriggerKind::BusSignal,
            "push" => TriggerKind::PushNotification,
            _ => TriggerKind::Unknown,
        }
    }

    /// Returns the arguments of an application trigger or a custom event; empty for other triggers.
    #[must_use]
    pub fn arguments(&self) -> &[String] {
        match self.kind() {
            TriggerKind::Application | TriggerKind::CustomSystemEvent => &self.items,
            _ => &[],
        }
    }

    /// Returns the paths that changed; empty for other triggers.
    pub fn changed_paths(&self) -> impl Iterator<Item = &Path> {
        let paths: &[String] = match self.kind() {
            TriggerKind::Path | TriggerKind::StorageLibrary => &self.items,
            _ => &[],
        };
        paths.iter().map(Path::new)
    }
}
