//! What must survive a crash: each record is one change of the stored state.

use alloc::boxed::Box;
use alloc::sync::Arc;

use oncue_types::{
    Access, CancellationReason, FamilyName, Firing, Guid, InstanceId, LedgerEntry, Package, PauseScope,
    Stamp, TaskId, TaskSpec, Wall,
};

use crate::clocks::Clocks;
use crate::due::Due;
use crate::stored::StoredPause;
use crate::task::Former;

/// One change of the stored state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// A package was added or updated.
    PackageAdded(Box<Package>),
    /// A package was removed.
    PackageRemoved(FamilyName),
    /// A task was registered.
    TaskRegistered {
        /// Its id.
        task: TaskId,
        /// Its package.
        package: FamilyName,
        /// What was registered.
        spec: TaskSpec,
        /// When it was registered.
        at: Wall,
        /// When its trigger fires next.
        next_due: Due<Stamp>,
    },
    /// A task's registration was replaced.
    TaskReplaced {
        /// Its id, which stays the same.
        task: TaskId,
        /// Its package.
        package: FamilyName,
        /// The new registration.
        spec: TaskSpec,
        /// When it was replaced.
        at: Wall,
        /// When its trigger fires next.
        next_due: Due<Stamp>,
        /// The previous registration, which stands if this cannot be recorded. It is not stored.
        former: Box<Former>,
    },
    /// A task was unregistered.
    TaskRemoved(TaskId),
    /// A firing waits for its condition or for the end of a run.
    Held {
        /// The task.
        task: TaskId,
        /// The firing, including those that were joined to it; `None` if no firing waits any more.
        firing: Option<Firing>,
        /// Since when it has waited for its condition; `None` while it waits for the end of a run.
        since: Option<Stamp>,
        /// When its trigger fires next.
        next_due: Due<Stamp>,
    },
    /// A run began and waits for its server. If the broker dies now, the firing runs again.
    RunBegan {
        /// The run.
        instance: InstanceId,
        /// Its task.
        task: TaskId,
        /// The task's name.
        name: Arc<str>,
        /// Its package.
        package: FamilyName,
        /// The firing.
        firing: Firing,
        /// When its trigger fires next.
        next_due: Due<Stamp>,
    },
    /// The run's firing was used up. A later record replaces an earlier one.
    UsedUp {
        /// The run.
        instance: InstanceId,
        /// What used it up.
        by: UsedUp,
    },
    /// A task's health has changed.
    Health {
        /// The task.
        task: TaskId,
        /// How many activations in a row crashed or never registered.
        strikes: u32,
        /// How many retries have been made or are planned.
        attempt: u32,
        /// When the next retry is due.
        retry_at: Option<Stamp>,
    },
    /// The user has set what a package may do, which outlives the package.
    AccessSet {
        /// The package.
        package: FamilyName,
        /// What it may do.
        access: Access,
    },
    /// The user has paused a task or all of them, or the end of a pause has changed.
    Paused {
        /// What is paused.
        scope: PauseScope,
        /// The pause.
        pause: StoredPause,
    },
    /// A pause has ended, or its task is no longer registered.
    Resumed(PauseScope),
    /// A session has begun, and its startup triggers have fired.
    SessionBegan(Guid),
    /// The state of the clocks.
    Clocks(Clocks),
    /// A firing ended.
    Ended(Box<LedgerEntry>),
}

/// What has used up a run's firing, so that it is not fired again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsedUp {
    /// A server entered the run.
    Entered,
    /// It was cancelled before a server entered it, for this reason.
    Cancelled(CancellationReason),
}

impl Record {
    /// Returns whether this records a registration, which is taken back if it cannot be written. Any other
    /// record that cannot be written is written later.
    #[must_use]
    pub fn registers(&self) -> bool {
        matches!(self, Self::TaskRegistered { .. } | Self::TaskReplaced { .. })
    }
}
