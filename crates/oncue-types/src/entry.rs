//! An entry in the ledger.

use alloc::string::String;
use alloc::sync::Arc;

use crate::exit::Exit;
use crate::family_name::FamilyName;
use crate::firing::Firing;
use crate::id::{InstanceId, TaskId};
use crate::moment::Wall;
use crate::outcome::Outcome;
use crate::reason::CancellationReason;

/// The ledger's entry about a firing: what happened to it, or why nothing did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The run; a firing without a run has its own id, too.
    pub instance: InstanceId,
    /// Its task.
    pub task: TaskId,
    /// The task's name at that time.
    pub name: Arc<str>,
    /// Its package.
    pub package: FamilyName,
    /// When the firing was due.
    pub fired_at: Wall,
    /// When `run` was entered.
    pub started_at: Option<Wall>,
    /// When it ended.
    pub ended_at: Wall,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it was cancelled.
    pub reason: Option<CancellationReason>,
    /// The last progress value.
    pub progress: Option<u32>,
    /// How many firings it answers, or how many were coalesced, dropped or skipped.
    pub firings: u32,
    /// How the server's process ended, if it did.
    pub exit: Option<Exit>,
    /// Further information: the task's error, or the last lines of standard error.
    pub message: Option<String>,
}

impl LedgerEntry {
    /// Returns the entry of a firing about which nothing else is known.
    #[must_use]
    pub fn of(
        instance: InstanceId,
        (task, name, package): (TaskId, Arc<str>, FamilyName),
        firing: &Firing,
        outcome: Outcome,
        ended_at: Wall,
    ) -> Self {
        Self {
            instance,
            task,
            name,
            package,
            fired_at: firing.at,
            started_at: None,
            ended_at,
            outcome,
            reason: None,
            progress: None,
            firings: firing.count,
            exit: None,
            message: None,
        }
    }
}
