//! A run that has ended, from the ledger.

use std::time::SystemTime;

use crate::host::{Here, Host};
use crate::{
    BackgroundTaskCancellationReason, BackgroundTaskRegistration, Error, Exit, Guid, Outcome, RunFailed, Word,
};

/// How many firings to search for the last run: first a few, then all.
const LOOKED_AT: [u32; 2] = [8, 2_000];

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

impl BackgroundTaskRegistration {
    /// Returns up to `most`, and at most 2,000, of the task's last firings that have ended, latest
    /// first. This also works after the task was unregistered. WinRT has no counterpart.
    ///
    /// # Errors
    /// Returns an error if the broker cannot be reached.
    pub fn recent_runs(&self, most: u32) -> Result<Vec<PastRun>, Error> {
        Here::recent_runs(self, most)
    }

    /// Returns how the task's last run ended, even if nothing was listening then; this is what
    /// [`on_completed`](Self::on_completed) would have received. Skipped and dropped firings are
    /// ignored. WinRT has no counterpart; there, an app never learns of runs that end while it is
    /// closed.
    ///
    /// # Errors
    /// Returns an error if the broker cannot be reached.
    pub fn last_result(&self) -> Result<Option<PastRun>, Error> {
        for most in LOOKED_AT {
            let runs = self.recent_runs(most)?;
            let is_all = runs.len() < most as usize;
            let last = runs.into_iter().find(PastRun::is_run);
            if last.is_some() || is_all {
                return Ok(last);
            }
        }
        Ok(None)
    }
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
        match &self.outcome {
            Word::Known(Outcome::Completed | Outcome::Cancelled) => Ok(()),
            outcome => Err(RunFailed::new(outcome.clone(), self.message.clone())),
        }
    }
}
