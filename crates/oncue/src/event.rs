//! The events that listeners receive.

use std::fmt;
use std::sync::Arc;

use oncue_types::{Guid, Outcome, Told};
use oncue_wire::Word;

use crate::past_run::PastRun;
use crate::registration::BackgroundTaskRegistration;

type ProgressHandler = dyn Fn(&BackgroundTaskRegistration, &BackgroundTaskProgressEventArgs) + Send + Sync;
type CompletedHandler = dyn Fn(&BackgroundTaskRegistration, &BackgroundTaskCompletedEventArgs) + Send + Sync;

/// What a listener receives.
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

/// The error of [`check_result`](PastRun::check_result): the run was not successful.
///
/// `Display` says how the run ended, followed by the [message](Self::message) if there is one.
#[derive(Clone, PartialEq, Eq)]
pub struct RunFailed {
    outcome: Word<Outcome>,
    message: Option<String>,
}

impl fmt::Debug for RunFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Told::of(self), f)
    }
}

/// Identifies a handler that was [kept](crate::Listener::keep), so that it can be removed.
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

    /// Returns the progress value.
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
    pub fn outcome(&self) -> &Word<Outcome> {
        &self.run.outcome
    }

    /// Returns everything that is known about the run. WinRT has no counterpart.
    #[must_use]
    pub fn run(&self) -> &PastRun {
        &self.run
    }

    /// Returns whether the run was successful: it completed, or it was cancelled and ended in time.
    /// Microsoft: *BackgroundTaskCompletedEventArgs.CheckResult*.
    ///
    /// # Errors
    /// Returns how the run ended instead.
    pub fn check_result(&self) -> Result<(), RunFailed> {
        self.run.check_result()
    }
}

impl RunFailed {
    pub(crate) fn new(outcome: Word<Outcome>, message: Option<String>) -> Self {
        Self { outcome, message }
    }

    /// Returns how the run ended.
    #[must_use]
    pub fn outcome(&self) -> &Word<Outcome> {
        &self.outcome
    }

    /// Returns the task's error, the reason why its activation failed, or the last lines that its
    /// server wrote to standard error during the run.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }
}

impl fmt::Display for RunFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            Word::Known(outcome) => f.write_str(sentence(*outcome))?,
            Word::Other(word) => write!(f, "the run ended as `{word}`, which this version does not know")?,
        }
        match &self.message {
            Some(message) => write!(f, ": {message}"),
            None => Ok(()),
        }
    }
}

fn sentence(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Failed => "the task failed",
        Outcome::Killed => "the task was cancelled, did not end in time, and was killed",
        Outcome::Crashed => "the task server ended during the run",
        Outcome::NotActivated => "no task server ran the task",
        Outcome::Skipped => "the firing was missed and skipped",
        Outcome::Dropped => "the firing was held and then dropped",
        Outcome::Completed | Outcome::Cancelled => "the run was successful",
        Outcome::Coalesced => "the firing joined another one that was already waiting",
        Outcome::Lost => "it is unknown how the run ended",
    }
}

impl std::error::Error for RunFailed {}
