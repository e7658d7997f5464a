//! What listeners are told of runs.

use std::fmt;
use std::sync::Arc;

use crate::{BackgroundTaskRegistration, Guid};

type ProgressHandler = dyn Fn(&BackgroundTaskRegistration, &BackgroundTaskProgressEventArgs) + Send + Sync;
type CompletedHandler = dyn Fn(&BackgroundTaskRegistration, &BackgroundTaskCompletedEventArgs) + Send + Sync;

/// What is told.
#[derive(Clone)]
pub(crate) enum Handler {
    Progress(Arc<ProgressHandler>),
    Completed(Arc<CompletedHandler>),
}

/// A run's new progress value.
///
/// Microsoft: *BackgroundTaskProgressEventArgs Class (Windows.ApplicationModel.Background)*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackgroundTaskProgressEventArgs {
    instance_id: Guid,
    progress: u32,
}

/// The end of a run.
///
/// Microsoft: *BackgroundTaskCompletedEventArgs Class (Windows.ApplicationModel.Background)*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackgroundTaskCompletedEventArgs {
    instance_id: Guid,
    outcome: Outcome,
    message: Option<String>,
}

/// How a firing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// `run` returned without error and every deferral was completed.
    Completed,
    /// `run` returned an error or panicked.
    Failed,
    /// It was cancelled and ended within its grace.
    Cancelled,
    /// It was cancelled, did not end, and its process was killed.
    Killed,
    /// Its task server ended while it ran.
    Crashed,
    /// No task server took it.
    NotActivated,
    /// The broker ended before it did, so that nobody knows; also what a newer broker may say.
    Lost,
    /// It was missed, and its task skips what it missed.
    Skipped,
    /// It was held, and given up.
    Dropped,
    /// It joined a firing that waited already; the run of that one answers it too.
    Coalesced,
}

/// The run did not do what it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFailed {
    outcome: Outcome,
    message: Option<String>,
}

/// Names a handler that listens, to take it away by.
///
/// Microsoft: *EventRegistrationToken structure (eventtoken.h)*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventRegistrationToken(pub(crate) u64);

impl BackgroundTaskProgressEventArgs {
    pub(crate) fn new(instance_id: Guid, progress: u32) -> Self {
        Self { instance_id, progress }
    }

    /// Returns the run's id.
    #[must_use]
    pub fn instance_id(&self) -> Guid {
        self.instance_id
    }

    /// Returns the value.
    #[must_use]
    pub fn progress(&self) -> u32 {
        self.progress
    }
}

impl BackgroundTaskCompletedEventArgs {
    pub(crate) fn new(instance_id: Guid, outcome: Outcome, message: Option<String>) -> Self {
        Self { instance_id, outcome, message }
    }

    /// Returns the run's id.
    #[must_use]
    pub fn instance_id(&self) -> Guid {
        self.instance_id
    }

    /// Returns how the run ended. WinRT has no counterpart.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Returns whether the run went well: it completed, or was cancelled and ended in time.
    /// Microsoft: *BackgroundTaskCompletedEventArgs.CheckResult*.
    ///
    /// # Errors
    /// How the run ended instead.
    pub fn check_result(&self) -> Result<(), RunFailed> {
        match self.outcome {
            Outcome::Completed | Outcome::Cancelled => Ok(()),
            outcome => Err(RunFailed { outcome, message: self.message.clone() }),
        }
    }
}

impl Outcome {
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "completed" => Self::Completed,
            "failed" => Self::Failed,
            "cancelled" => Self::Cancelled,
            "killed" => Self::Killed,
            "crashed" => Self::Crashed,
            "not_activated" => Self::NotActivated,
            "skipped" => Self::Skipped,
            "dropped" => Self::Dropped,
            "coalesced" => Self::Coalesced,
            _ => Self::Lost,
        }
    }
}

impl RunFailed {
    /// Returns how the run ended.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Returns the task's error, or the last lines that its server wrote to its standard error.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }
}

impl fmt::Display for RunFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.outcome {
            Outcome::Failed => "the task failed",
            Outcome::Killed => "the task was cancelled, did not end in time and was killed",
            Outcome::Crashed => "the task server ended while the task ran",
            Outcome::NotActivated => "no task server took the task",
            _ => "nobody knows how the task ended",
        })?;
        match &self.message {
            Some(message) => write!(f, ": {message}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for RunFailed {}
