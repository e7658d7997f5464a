//! A run as the task sees it.

use std::fmt;
use std::sync::Arc;

use crate::run::Run;
use crate::{
    BackgroundTaskCancellationReason, BackgroundTaskRegistration, BackgroundTaskThrottleCounter, Guid,
    TriggerDetails,
};

/// One run of a task; a clone is the same run, and any thread may hold one.
///
/// Microsoft: *IBackgroundTaskInstance Interface (Windows.ApplicationModel.Background)*.
#[derive(Clone)]
pub struct BackgroundTaskInstance {
    run: Arc<Run>,
}

/// Keeps a run open until it is complete.
///
/// Microsoft: *BackgroundTaskDeferral Class (Windows.ApplicationModel.Background)*. Dropping one
/// completes it too, so that an early return or a panic cannot leave a run open for ever.
#[must_use = "dropping a deferral completes it"]
pub struct BackgroundTaskDeferral {
    run: Option<Arc<Run>>,
}

impl BackgroundTaskInstance {
    pub(crate) fn new(run: Arc<Run>) -> Self {
        Self { run }
    }

    /// Returns the run's id. Microsoft: *IBackgroundTaskInstance.InstanceId*.
    #[must_use]
    pub fn instance_id(&self) -> Guid {
        self.run.id
    }

    /// Returns the task; tell tasks of one class apart by its name or id.
    /// Microsoft: *IBackgroundTaskInstance.Task*.
    #[must_use]
    pub fn task(&self) -> &BackgroundTaskRegistration {
        &self.run.task
    }

    /// Returns the last progress value that was set; 0 at first.
    /// Microsoft: *IBackgroundTaskInstance.Progress*.
    #[must_use]
    pub fn progress(&self) -> u32 {
        self.run.progress()
    }

    /// Sets the progress; what the number means is between the app and its task.
    ///
    /// Listeners get the latest value: it costs little to set it often, and the last one always
    /// arrives before the end of the run. After that end nothing happens.
    pub fn set_progress(&self, value: u32) {
        self.run.set_progress(value);
    }

    /// Keeps the run open after `run` has returned, until the deferral is complete; there may be
    /// several. One that is taken after the run's end changes nothing.
    /// Microsoft: *IBackgroundTaskInstance.GetDeferral*.
    pub fn deferral(&self) -> BackgroundTaskDeferral {
        BackgroundTaskDeferral { run: self.run.open_part().then(|| Arc::clone(&self.run)) }
    }

    /// Attaches a handler that is told once, on another thread, when the run is cancelled; the run
    /// then has to end. After the cancellation the handler is called here and now.
    /// Microsoft: *IBackgroundTaskInstance.Canceled Event*.
    pub fn on_canceled<H>(&self, handler: H)
    where
        H: Fn(&BackgroundTaskInstance, BackgroundTaskCancellationReason) + Send + Sync + 'static,
    {
        self.run.on_cancelled(Box::new(move |run, reason| {
            handler(&BackgroundTaskInstance::new(Arc::clone(run)), reason);
        }));
    }

    /// Returns whether the run is cancelled; cheap enough to be asked in a loop.
    #[must_use]
    pub fn is_canceled(&self) -> bool {
        self.cancellation().is_some()
    }

    /// Returns why the run is cancelled.
    #[must_use]
    pub fn cancellation(&self) -> Option<BackgroundTaskCancellationReason> {
        self.run.cancellation()
    }

    /// Returns how often resource policy has suspended the run: never, on Linux.
    /// Microsoft: *IBackgroundTaskInstance.SuspendedCount*.
    #[must_use]
    pub fn suspended_count(&self) -> u32 {
        self.run.suspended_count()
    }

    /// Returns how often resource policy has slowed the run down: never, on Linux.
    /// Microsoft: *IBackgroundTaskInstance2.GetThrottleCount*.
    #[must_use]
    pub fn throttle_count(&self, counter: BackgroundTaskThrottleCounter) -> u32 {
        self.run.throttle_count(counter)
    }

    /// Returns what made the task run.
    #[must_use]
    pub fn trigger_details(&self) -> &TriggerDetails {
        &self.run.details
    }
}

impl fmt::Debug for BackgroundTaskInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BackgroundTaskInstance").field(&self.run).finish()
    }
}

impl BackgroundTaskDeferral {
    /// Completes the deferral. Microsoft: *BackgroundTaskDeferral.Complete*.
    pub fn complete(self) {
        drop(self);
    }
}

impl Drop for BackgroundTaskDeferral {
    fn drop(&mut self) {
        if let Some(run) = self.run.take() {
            run.part_ended(None);
        }
    }
}

impl fmt::Debug for BackgroundTaskDeferral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.run.as_ref().map(|run| run.id);
        f.debug_struct("BackgroundTaskDeferral").field("instance_id", &id).finish()
    }
}
