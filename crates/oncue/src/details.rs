//! What made a task run.

use std::path::Path;
use std::time::SystemTime;

/// What made the task run.
///
/// Microsoft: *IBackgroundTaskInstance.TriggerDetails Property*; a `TimeTrigger` has none on
/// Windows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TriggerDetails {
    /// The trigger, as `every 15m`; empty when the task was unregistered meanwhile.
    pub trigger: String,
    /// When the trigger fired; the first time, if this run answers several firings. Windows does
    /// not tell it: there it is the beginning of the run.
    pub fired_at: SystemTime,
    /// How many firings this run answers; more than one after the machine was off or the task held.
    /// Windows does not tell it: there it is always 1.
    pub firings: u32,
    /// What the trigger tells of them, by its kind: arguments, paths, a device's properties as
    /// `KEY=value`, a signal's sender, path, interface, member and body, a push message.
    pub items: Vec<String>,
    /// How many more items there were than one run is told.
    pub left_out: u32,
}

/// Which kind of trigger made the task run.
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
    /// None that this version knows, or the task was unregistered meanwhile.
    Unknown,
}

impl TriggerDetails {
    /// Returns which kind of trigger it was.
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

    /// Returns the arguments that an application trigger or a custom event was given; none for others.
    #[must_use]
    pub fn arguments(&self) -> &[String] {
        match self.kind() {
            TriggerKind::Application | TriggerKind::CustomSystemEvent => &self.items,
            _ => &[],
        }
    }

    /// Returns the paths that changed; none for other triggers.
    pub fn changed_paths(&self) -> impl Iterator<Item = &Path> {
        let paths: &[String] = match self.kind() {
            TriggerKind::Path | TriggerKind::StorageLibrary => &self.items,
            _ => &[],
        };
        paths.iter().map(Path::new)
    }
}
