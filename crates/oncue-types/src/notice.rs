//! What the broker tells clients that watch.

use crate::entry::LedgerEntry;
use crate::id::{InstanceId, TaskId};

/// A notice to watching clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A task was registered, replaced, armed again or held.
    TaskChanged(TaskId),
    /// A task is no longer registered.
    TaskRemoved(TaskId),
    /// A run has been entered.
    RunEntered {
        /// Its task.
        task: TaskId,
        /// The run.
        instance: InstanceId,
    },
    /// A run has a new progress value.
    RunProgressed {
        /// Its task.
        task: TaskId,
        /// The run.
        instance: InstanceId,
        /// The value.
        value: u32,
    },
    /// A firing has ended, with or without a run.
    Ended(LedgerEntry),
}
