//! How a firing ended.

/// How a firing ended; every firing ends as exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// `run` returned without error and every deferral was completed.
    Completed,
    /// `run` returned an error or panicked.
    Failed,
    /// It was cancelled and ended within its grace.
    Cancelled,
    /// It was cancelled, did not end, and its process tree was killed.
    Killed,
    /// Its server ended while it ran.
    Crashed,
    /// No server took it: it did not start, ended early or never registered the class.
    NotActivated,
    /// The broker ended before it did, so that nobody knows.
    Lost,
    /// It was missed, and its task skips what it missed.
    Skipped,
    /// It was held and given up.
    Dropped,
    /// It joined a firing that waited already: the run of that one answers it too.
    Coalesced,
}

impl Outcome {
    /// Every outcome there is.
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

    /// Returns its name in the ledger, on the wire and in JSON.
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

    /// Returns whether a task that ended so last is said to have; what joined another firing is told
    /// with that one.
    #[must_use]
    pub const fn is_last(self) -> bool {
        !matches!(self, Self::Coalesced)
    }

    /// Returns the outcome of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }
}
