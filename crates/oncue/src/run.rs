//! One run, as its task server sees it: what is open, whether it is cancelled, and its progress.

use std::fmt;
use std::mem::take;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Waker;

use oncue_types::{CancellationReason as BackgroundTaskCancellationReason, Guid};

use crate::details::TriggerDetails;
use crate::lock::lock;
use crate::registration::BackgroundTaskRegistration;
use crate::sleepers::Sleepers;
use crate::throttle::BackgroundTaskThrottleCounter;
use crate::worker;

/// A handler for a cancellation.
pub(crate) type Handler = Box<dyn Fn(&Arc<Run>, BackgroundTaskCancellationReason) + Send + Sync>;

/// One run.
pub(crate) struct Run {
    pub(crate) id: Guid,
    pub(crate) task: BackgroundTaskRegistration,
    pub(crate) details: TriggerDetails,
    progress: AtomicU32,
    unsent: AtomicBool,
    life: Mutex<Life>,
    report: Box<dyn Report>,
}

/// Reports the events of one run.
pub(crate) trait Report: Send + Sync {
    /// The run has a progress value that has not been taken yet.
    fn progress(&self, run: &Arc<Run>);
    /// The run has ended. Called once, as the last call.
    fn completed(&self, run: &Arc<Run>, error: Option<String>);
    /// Calls the run's own handlers, on a separate thread.
    fn tell(&self, telling: Box<dyn FnOnce() + Send>) {
        worker::run(telling);
    }
    /// How often resource policy has suspended the run.
    fn suspended_count(&self) -> u32;
    /// How often resource policy has slowed the run down.
    fn throttle_count(&self, counter: BackgroundTaskThrottleCounter) -> u32;
}

#[derive(Default)]
struct Life {
    /// The number of parts that have to end before the run is complete: `run` itself, and
    /// deferrals.
    open: usize,
    cancelled: Option<BackgroundTaskCancellationReason>,
    handlers: Vec<Handler>,
    sleepers: Sleepers,
    error: Option<String>,
}

impl Run {
    /// Creates a run that is open until [`part_ended`](Self::part_ended).
    pub(crate) fn new(
        id: Guid,
        task: BackgroundTaskRegistration,
        details: TriggerDetails,
        report: Box<dyn Report>,
    ) -> Self {
        Self {
            id,
            task,
            details,
            progress: AtomicU32::new(0),
            unsent: AtomicBool::new(false),
            life: Mutex::new(Life { open: 1, ..Life::default() }),
            report,
        }
    }

    pub(crate) fn progress(&self) -> u32 {
        self.progress.load(Ordering::Acquire)
    }

    /// Stores the value. If several are stored before one is taken, only the first is announced.
    pub(crate) fn set_progress(self: &Arc<Self>, value: u32) {
        if lock(&self.life).open == 0 {
            return;
        }
        self.progress.store(value, Ordering::Release);
        if !self.unsent.swap(true, Ordering::AcqRel) {
            self.report.progress(self);
        }
    }

    /// Whether the latest value has not been taken yet.
    #[cfg(windows)]
    pub(crate) fn has_progress(&self) -> bool {
        self.unsent.load(Ordering::Acquire)
    }

    /// Takes the latest value, unless it has been taken.
    pub(crate) fn take_progress(&self) -> Option<u32> {
        // The flag is cleared before the value is read: a value set in between is sent twice, never
        // lost.
        self.unsent.swap(false, Ordering::AcqRel).then(|| self.progress())
    }

    pub(crate) fn suspended_count(&self) -> u32 {
        self.report.suspended_count()
    }

    pub(crate) fn throttle_count(&self, counter: BackgroundTaskThrottleCounter) -> u32 {
        self.report.throttle_count(counter)
    }

    /// Keeps the run open for one deferral; returns false if the run has already ended.
    pub(crate) fn open_part(&self) -> bool {
        let mut life = lock(&self.life);
        let alive = life.open > 0;
        life.open += usize::from(alive);
        alive
    }

    /// Ends `run` or a deferral. The last one to end completes the run.
    pub(crate) fn part_ended(self: &Arc<Self>, error: Option<String>) {
        let (error, handlers, sleepers) = {
            let mut life = lock(&self.life);
            life.error = life.error.take().or(error);
            life.open = life.open.saturating_sub(1);
            if life.open > 0 {
                return;
            }
            // They may hold references to this run, which must not keep itself alive.
            (life.error.take(), take(&mut life.handlers), take(&mut life.sleepers))
        };
        drop((handlers, sleepers));
        self.report.completed(self, error);
    }

    pub(crate) fn cancellation(&self) -> Option<BackgroundTaskCancellationReason> {
        lock(&self.life).cancelled
    }

    /// Cancels the run. Only the first reason counts. Handlers are called on another thread, and
    /// futures that wait for a cancellation are woken.
    pub(crate) fn cancel(self: &Arc<Self>, reason: BackgroundTaskCancellationReason) {
        let (handlers, sleepers) = {
            let mut life = lock(&self.life);
            if life.open == 0 || life.cancelled.is_some() {
                return;
            }
            life.cancelled = Some(reason);
            (take(&mut life.handlers), take(&mut life.sleepers))
        };
        sleepers.wake();
        if !handlers.is_empty() {
            let run = Arc::clone(self);
            let telling = move || handlers.iter().for_each(|handler| handler(&run, reason));
            self.report.tell(Box::new(telling));
        }
    }

    /// Attaches a handler. If the run is already cancelled, calls it immediately instead.
    pub(crate) fn on_cancelled(self: &Arc<Self>, handler: Handler) {
        let reason = {
            let mut life = lock(&self.life);
            match life.cancelled {
                Some(reason) => reason,
                None => {
                    if life.open > 0 {
                        life.handlers.push(handler);
                    }
                    return;
                }
            }
        };
        handler(self, reason);
    }
}

impl Run {
    /// Returns why the run is cancelled, or stores the waker until it is.
    pub(crate) fn sleep_until_cancelled(
        &self,
        place: &mut Option<u64>,
        waker: &Waker,
    ) -> Option<BackgroundTaskCancellationReason> {
        let (cancelled, replaced) = {
            let mut life = lock(&self.life);
            let waits = life.cancelled.is_none() && life.open > 0;
            (life.cancelled, waits.then(|| life.sleepers.put(place, waker)))
        };
        drop(replaced);
        cancelled
    }

    /// Returns a waker that is no longer needed.
    pub(crate) fn sleep_no_more(&self, place: u64) -> Option<Waker> {
        lock(&self.life).sleepers.remove(place)
    }
}

/// A part of a run that ends once. If it is dropped, it ends with an error.
pub(crate) struct Part {
    run: Option<Arc<Run>>,
    dropped: &'static str,
}

impl Part {
    /// Keeps a run open, unless it has already ended.
    pub(crate) fn of(run: &Arc<Run>, dropped: &'static str) -> Self {
        Self { run: run.open_part().then(|| Arc::clone(run)), dropped }
    }

    /// Ends the part, with or without an error.
    pub(crate) fn end(mut self, error: Option<String>) {
        if let Some(run) = self.run.take() {
            run.part_ended(error);
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if let Some(run) = self.run.take() {
            run.part_ended(Some(self.dropped.to_owned()));
        }
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("id", &self.id).field("task", &self.task).finish_non_exhaustive()
    }
}
