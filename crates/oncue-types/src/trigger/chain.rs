//! How the run of one task fires another.

use crate::entry::LedgerEntry;
use crate::outcome::Outcome;
use crate::reason::CancellationReason;
use crate::unknown::named;

/// Which ends of a run fire the tasks that follow its task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AfterEnd {
    /// It completed.
    Completed,
    /// It failed, crashed, was not activated, was lost or took too long, and is not retried.
    Failed,
    /// It ended, whatever the outcome, and is not retried.
    Any,
}

impl AfterEnd {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Completed, Self::Failed, Self::Any];

    /// Returns its name in the text form of a trigger.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Any => "any",
        }
    }

    /// Returns whether a run that ended like this fires the tasks that follow.
    #[must_use]
    pub fn includes(self, entry: &LedgerEntry) -> bool {
        match self {
            Self::Completed => entry.outcome == Outcome::Completed,
            Self::Failed => has_failed(entry),
            Self::Any => entry.outcome.is_of_run(),
        }
    }
}

/// Returns whether a run failed. A run that a person cancelled did not.
fn has_failed(entry: &LedgerEntry) -> bool {
    match entry.outcome {
        Outcome::Failed | Outcome::Crashed | Outcome::NotActivated | Outcome::Lost => true,
        Outcome::Cancelled | Outcome::Killed => {
            entry.reason == Some(CancellationReason::ExecutionTimeExceeded)
        }
        Outcome::Completed | Outcome::Skipped | Outcome::Dropped | Outcome::Coalesced => false,
    }
}

named!(AfterEnd);
