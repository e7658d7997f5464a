//! A run that has ended, from the ledger.

use std::time::SystemTime;

use oncue_types::{CancellationReason as BackgroundTaskCancellationReason, Exit, Guid, Outcome};
use oncue_wire::Word;

use crate::event::RunFailed;

/// A firing that has ended, with or without a run. WinRT has no counterpart.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PastRun {
    /// The run's id; a firing without a run also has one.
    pub instance_id: Guid,
    /// The task's id.
    pub task_id: Guid,
    /// The task's name at that time.
    pub name: String,
    /// When the firing was due; the first one, if the run answered several.
    pub fired_at: SystemTime,
    /// When `run` was entered.
    pub started_at: Option<SystemTime>,
    /// When it ended.
    pub ended_at: SystemTime,
    /// How it ended.
    pub outcome: Word<Outcome>,
    /// Why it was cancelled, even if it completed anyway; `None` also for a reason of a newer broker.
    pub reason: Option<BackgroundTaskCancellationReason>,
    /// The last progress value.
    pub progress: Option<u32>,
    /// How many firings it answered.
    pub firings: u32,
    /// How the server's process ended, if that ended the run; always `None` on Windows.
    pub exit_status: Option<Exit>,
    /// The task's error, the reason why its activation failed, or the last lines that its server
    /// wrote to standard error during the run.
    pub message: Option<String>,
}

impl PastRun {
    /// Returns whether there was a run, and not only a firing that was skipped, dropped or joined to
    /// another. An outcome of a newer broker counts as one of a run.
    #[must_use]
    pub fn is_run(&self) -> bool {
        self.outcome.known().is_none_or(|outcome| outcome.is_of_run())
    }

    /// Returns whether the run was successful: it completed, or it was cancelled and ended in time.
    ///
    /// # Errors
    /// Returns how it ended instead.
    pub fn check_result(&self) -> Result<(), RunFailed> {
        if matches!(self.outcome, Word::Known(Outcome::Completed | Outcome::Cancelled)) {
            return Ok(());
        }
        Err(RunFailed::new(self.outcome.clone(), self.message.clone()))
    }
}
