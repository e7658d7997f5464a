//! A run that has ended, as the ledger has it.

use std::time::SystemTime;

use crate::host::{Here, Host};
use crate::{BackgroundTaskCancellationReason, BackgroundTaskRegistration, Error, Guid, Outcome, RunFailed};

/// So many firings are looked through for the last run, first few and then all.
const LOOKED_AT: [u32; 2] = [8, 2_000];

/// A firing that has ended: with a run, or without one. WinRT has no counterpart.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PastRun {
    /// The run; a firing without a run has an id of its own too.
    pub instance_id: Guid,
    /// When the firing was due; the first, if the run answered several.
    pub fired_at: SystemTime,
    /// When `run` was entered.
    pub started_at: Option<SystemTime>,
    /// When it ended.
    pub ended_at: SystemTime,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it was cancelled, also if it completed in spite of that.
    pub reason: Option<BackgroundTaskCancellationReason>,
    /// The last progress value.
    pub progress: Option<u32>,
    /// How many firings it answered.
    pub firings: u32,
    /// How the server's process ended, if that ended it: `exit 3`, `SIGSEGV`.
    pub exit_status: Option<String>,
    /// The task's error, why its activation failed, or the last lines that its server wrote to its
    /// standard error during the run.
    pub message: Option<String>,
}

impl BackgroundTaskRegistration {
    /// Lists the task's last firings that have ended, at most so many and never more than 2,000, the
    /// latest first; also after the task was unregistered. WinRT has no counterpart.
    ///
    /// # Errors
    /// When no broker can be reached.
    pub fn recent_runs(&self, most: u32) -> Result<Vec<PastRun>, Error> {
        Here::recent_runs(self, most)
    }

    /// Returns how the task's last run ended, also if nobody listened then: what
    /// [`on_completed`](Self::on_completed) would have told. Firings that were skipped or dropped
    /// are passed over. WinRT has no counterpart: there, what ends while the app is not running is
    /// lost to it.
    ///
    /// # Errors
    /// When no broker can be reached.
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
    /// Whether there was a run, and not only a firing that was skipped, dropped or joined to another.
    #[must_use]
    pub fn is_run(&self) -> bool {
        !matches!(self.outcome, Outcome::Skipped | Outcome::Dropped | Outcome::Coalesced)
    }

    /// Returns whether it went well: it completed, or was cancelled and ended in time.
    ///
    /// # Errors
    /// How it ended instead.
    pub fn check_result(&self) -> Result<(), RunFailed> {
        match self.outcome {
            Outcome::Completed | Outcome::Cancelled => Ok(()),
            outcome => Err(RunFailed::new(outcome, self.message.clone())),
        }
    }
}
