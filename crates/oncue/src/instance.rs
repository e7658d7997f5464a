//! A run, as its task sees it.

use std::fmt;
use std::sync::Arc;

use oncue_types::{CancellationReason as BackgroundTaskCancellationReason, Guid};

use crate::details::TriggerDetails;
use crate::registration::BackgroundTaskRegistration;
use crate::run::Run;
use crate::throttle::BackgroundTaskThrottleCounter;

/// One run of a task. A clone refers to the same run, and any thread can use it.
///
/// Microsoft: *IBackgroundTaskInstance Interface (Windows.ApplicationModel.Background)*.
#[derive(Clone)]
pub struct BackgroundTaskInstance {
    run: Arc<Run>,
}

/// Keeps a run open until the deferral is complete.
///
/// Microsoft: *BackgroundTaskDeferral Class (Windows.ApplicationModel.Background)*. Dropping a
/// deferral completes it too, so that an early return or a panic does not leave a run open forever.
#[must_use = "dropping a deferral completes it"]
pub struct BackgroundTaskDeferral {
    run: Option<Arc<Run>>,
}

impl BackgroundTaskInstance {
    pub(crate) fn new(run: Arc<Run>) -> Self {
        Self { run }
    }

    pub(crate) fn run(&self) -> &Arc<Run> {
        &self.run
    }

    /// Returns the run's id. Microsoft: *IBackgroundTaskInstance.InstanceId*.
    #[must_use]
    pub fn instance_id(&self) -> Guid {
        self.run.id
    }

    /// Returns the task, to distinguish tasks of the same class by name or id.
    /// Microsoft: *IBackgroundTaskInstance.Task*.
    #[must_use]
    pub fn task(&self) -> &BackgroundTaskRegistration {
        &self.run.task
    }

    /// Returns the last progress value that was set; initially 0.
    /// Microsoft: *IBackgroundTaskInstance.Progress*.
    #[must_use]
    pub fn progress(&self) -> u32 {
        self.run.progress()
    }

    /// Sets the progress. The meaning of the value is up to the app and its task.
    ///
    /// Listeners receive the latest value, so setting it often is cheap. The last value always
    /// arrives before the end of the run. After the end, this does nothing.
    pub fn set_progress(&self, value: u32) {
        self.run.set_progress(value);
    }

    /// Keeps the run open after `run` has returned, until the deferral is complete. There can be
    /// several deferrals. A deferral that is taken after the end of the run has no effect.
    /// Microsoft: *IBackgroundTaskInstance.GetDeferral*.
    pub fn deferral(&self) -> BackgroundTaskDeferral {
        BackgroundTaskDeferral { run: self.run.open_part().then(|| Arc::clone(&self.run)) }
    }

    /// Attaches a handler that is called once, on another thread, when the run is cancelled. The
    /// run must then end. If the run is already cancelled, the handler is called immediately on
    /// this thread.
    /// Microsoft: *IBackgroundTaskInstance.Canceled Event*.
    pub fn on_canceled<H>(&self, handler: H)
    where
        H: Fn(&BackgroundTaskInstance, BackgroundTaskCancellationReason) + Send + Sync + 'static,
    {
        self.run.on_cancelled(Box::new(move |run, reason| {
            handler(&BackgroundTaskInstance::new(Arc::clone(run)), reason);
        }));
    }

    /// Returns whether the run is cancelled. This is cheap enough to be called in a loop.
    #[must_use]
    pub fn is_canceled(&self) -> bool {
        self.cancellation().is_some()
    }

    /// Returns why the run is cancelled.
    #[must_use]
    pub fn cancellation(&self) -> Option<BackgroundTaskCancellationReason> {
        self.run.cancellation()
    }

    /// Returns how often resource policy has suspended the run; always 0 on Linux.
    /// Microsoft: *IBackgroundTaskInstance.SuspendedCount*.
    #[must_use]
    pub fn suspended_count(&self) -> u32 {
        self.run.suspended_count()
    }

    /// Returns how often resource policy has slowed the run down.
    /// Microsoft: *IBackgroundTaskInstance2.GetThrottleCount*.
    ///
    /// On Linux, the kernel counts this for a control group, not for a run: how often the task
    /// server's group has used up its share of processor time (`nr_throttled` of `cpu.stat`, in
    /// *Control Group v2*), since the group was created, by all processes in it. It is 0 if no such
    /// limit is set. It is always 0 for the network, which is not throttled.
    #[must_use]
    pub fn throttle_count(&self, counter: BackgroundTaskThrottleCounter) -> u32 {
        self.run.throttle_count(counter)
    }

    /// Returns why the task runs.
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
