//! What must survive a crash: each record is one change of the stored state.

use alloc::boxed::Box;
use alloc::sync::Arc;

use crate::access::Access;
use crate::clocks::Clocks;
use crate::due::Due;
use crate::guid::Guid;
use crate::id::{InstanceId, TaskId};
use crate::moment::{Stamp, Wall};
use crate::package::{FamilyName, Package};
use crate::task::{Firing, Former, TaskSpec};

use oncue_types::CancellationReason;
pub(crate) use oncue_types::LedgerEntry;

/// One change of the stored state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// A package is known from now on, or replaced.
    PackageAdded(Box<Package>),
    /// A package is forgotten.
    PackageRemoved(FamilyName),
    /// A task is registered from now on.
    TaskRegistered {
        /// Its id.
        task: TaskId,
        /// Whose it is.
        package: FamilyName,
        /// What was registered.
        spec: TaskSpec,
        /// When.
        at: Wall,
        /// When its trigger fires next.
        next_due: Due<Stamp>,
    },
    /// A task is registered differently from now on.
    TaskReplaced {
        /// Its id, which stays.
        task: TaskId,
        /// Whose it is.
        package: FamilyName,
        /// What is registered now.
        spec: TaskSpec,
        /// Since when.
        at: Wall,
        /// When its trigger fires next.
        next_due: Due<Stamp>,
        /// What stands if this cannot be recorded; no store keeps it.
        former: Box<Former>,
    },
    /// A task is no longer registered.
    TaskRemoved(TaskId),
    /// A firing waits for its condition or for the end of a run.
    Held {
        /// Of which task.
        task: TaskId,
        /// The firing, with all that was joined into it; nothing when none waits any more.
        firing: Option<Firing>,
        /// Since when it waits for its condition; nothing while it waits for the end of a run.
        since: Option<Stamp>,
        /// When the trigger fires next.
        next_due: Due<Stamp>,
    },
    /// A run began and waits for its server. A broker that dies now fires again.
    RunBegan {
        /// The run.
        instance: InstanceId,
        /// Its task.
        task: TaskId,
        /// The task's name.
        name: Arc<str>,
        /// Its package.
        package: FamilyName,
        /// What it answers.
        firing: Firing,
        /// When the trigger fires next.
        next_due: Due<Stamp>,
    },
    /// The run's firing is used up. What comes later takes the place of what was recorded before.
    UsedUp {
        /// The run.
        instance: InstanceId,
        /// By what.
        by: UsedUp,
    },
    /// How well a task's runs went lately.
    Health {
        /// Of which task.
        task: TaskId,
        /// How many activations in a row crashed or never registered.
        strikes: u32,
        /// How many attempts after the first have been made or are planned.
        attempt: u32,
        /// When the next attempt is due.
        retry_at: Option<Stamp>,
    },
    /// The user has said what a package may do; that outlives the package.
    AccessSet {
        /// Which package.
        package: FamilyName,
        /// What it may do.
        access: Access,
    },
    /// A session began, in the boot of that id.
    Booted(Guid),
    /// How the clocks stand.
    Clocks(Clocks),
    /// A firing ended.
    Ended(Box<LedgerEntry>),
}

/// What uses up a run's firing, so that it is not fired again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsedUp {
    /// A server entered the run.
    Entered,
    /// It was cancelled on its way to its server, for this reason.
    Cancelled(CancellationReason),
}

impl Record {
    /// Returns whether the record is of a registration, which is taken back if the record cannot be
    /// written. Any other record that cannot be written is owed.
    #[must_use]
    pub fn registers(&self) -> bool {
        matches!(self, Self::TaskRegistered { .. } | Self::TaskReplaced { .. })
    }
}
