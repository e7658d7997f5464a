//! How a firing ended.

use crate::unknown::named;

/// How a firing ended. Every firing has exactly one outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// `run` returned without error and every deferral was completed.
    Completed,
    /// `run` returned an error or panicked.
    Failed,
    /// It was cancelled, and ended within its grace.
    Cancelled,
    /// It was cancelled, but did not end, so its process tree was killed.
    Killed,
    /// Its server ended during the run.
    Crashed,
    /// No server served it: the server did not start, ended early, or never registered the class.
    NotActivated,
    /// The broker ended during the run, so how it ended is unknown.
    Lost,
    /// It was missed, and its task skips missed firings.
    Skipped,
    /// It was held, and then dropped.
    Dropped,
    /// It joined a firing that was already waiting, whose run answers it too.
    Coalesced,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 10] = [
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
        Self::Killed,
        Self::Crashed,
        Self::NotActivated,
        Self::Lost,
        Self::Skipped,
        Self::Dropped,
        Self::Coalesced,
    ];

    /// Returns the name used in the ledger, on the wire and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Killed => "killed",
            Self::Crashed => "crashed",
            Self::NotActivated => "not_activated",
            Self::Lost => "lost",
            Self::Skipped => "skipped",
            Self::Dropped => "dropped",
            Self::Coalesced => "coalesced",
        }
    }

    /// Returns whether this counts as the last outcome of its task; a firing that joined another
    /// one is covered by that one.
    #[must_use]
    pub const fn is_last(self) -> bool {
        !matches!(self, Self::Coalesced)
    }

    /// Returns whether something went wrong. A cancelled run did what it was told to.
    #[must_use]
    pub const fn went_wrong(self) -> bool {
        matches!(self, Self::Failed | Self::Killed | Self::Crashed | Self::NotActivated | Self::Lost)
    }

    /// Returns whether there was a run, and not only a firing that was skipped, dropped or coalesced.
    #[must_use]
    pub const fn is_of_run(self) -> bool {
        !matches!(self, Self::Skipped | Self::Dropped | Self::Coalesced)
    }
}

named!(Outcome);
