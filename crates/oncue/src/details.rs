//! Why a task runs.

use std::path::Path;
use std::time::SystemTime;

use crate::trigger::{Trigger, TriggerKind};

/// Why the task runs.
///
/// Microsoft: *IBackgroundTaskInstance.TriggerDetails Property*; on Windows, a `TimeTrigger` has
/// none.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TriggerDetails {
    /// The trigger; [`Unknown`](TriggerKind::Unknown) if the task has been unregistered in the
    /// meantime.
    pub trigger: Trigger,
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

impl TriggerDetails {
    /// Returns the kind of the trigger.
    #[must_use]
    pub fn kind(&self) -> TriggerKind {
        self.trigger.kind()
    }

    /// Returns the arguments of an [`ApplicationTrigger`](crate::ApplicationTrigger) or a
    /// [`CustomSystemEventTrigger`](crate::CustomSystemEventTrigger); empty for other triggers.
    #[must_use]
    pub fn arguments(&self) -> &[String] {
        let has_arguments = matches!(self.kind(), TriggerKind::Application | TriggerKind::CustomSystemEvent);
        if has_arguments { &self.items } else { &[] }
    }

    /// Returns the paths that changed, for a [`PathTrigger`](crate::PathTrigger) or a
    /// [`StorageLibraryContentChangedTrigger`](crate::StorageLibraryContentChangedTrigger); empty for
    /// other triggers.
    pub fn changed_paths(&self) -> impl Iterator<Item = &Path> {
        let is_path = matches!(self.kind(), TriggerKind::Path | TriggerKind::StorageLibrary);
        self.items.iter().filter(move |_| is_path).map(Path::new)
    }
}
