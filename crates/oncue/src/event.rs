//! What listeners are told of runs.

use std::fmt;
use std::sync::Arc;

use oncue_types::Told;

use crate::{BackgroundTaskRegistration, Guid, PastRun};

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
    run: PastRun,
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
#[derive(Clone, PartialEq, Eq)]
pub struct RunFailed {
    outcome: Outcome,
    message: Option<String>,
}

impl fmt::Debug for RunFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Told::of(self), f)
    }
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
    pub(crate) fn new(run: PastRun) -> Self {
        Self { run }
    }

    /// Returns the run's id.
    #[must_use]
    pub fn instance_id(&self) -> Guid {
        self.run.instance_id
    }

    /// Returns how the run ended. WinRT has no counterpart.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.run.outcome
    }

    /// Returns all that is known of the run. WinRT has no counterpart.
    #[must_use]
    pub fn run(&self) -> &PastRun {
        &self.run
    }

    /// Returns whether the run went well: it completed, or was cancelled and ended in time.
    /// Microsoft: *BackgroundTaskCompletedEventArgs.CheckResult*.
    ///
    /// # Errors
    /// How the run ended instead.
    pub fn check_result(&self) -> Result<(), RunFailed> {
        self.run.check_result()
    }
}

impl Outcome {
    #[cfg(not(windows))]
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
    pub(crate) fn new(outcome: Outcome, message: Option<String>) -> Self {
        Self { outcome, message }
    }

    /// Returns how the run ended.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Returns the task's error, why its activation failed, or the last lines that its server wrote to its
    /// standard error during the run.
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
            Outcome::Skipped => "the firing was missed, and the task skips what it missed",
            Outcome::Dropped => "the firing was held, and given up",
            _ => "nobody knows how the task ended",
        })?;
        match &self.message {
            Some(message) => write!(f, ": {message}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for RunFailed {}
