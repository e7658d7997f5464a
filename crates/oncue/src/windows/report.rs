//! Reports a run to Windows: its latest progress, and its end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use oncue_types::Guid;
use windows::ApplicationModel::Background::{
    BackgroundTaskDeferral, BackgroundTaskThrottleCounter as Theirs, IBackgroundTaskInstance,
    IBackgroundTaskInstance2,
};
use windows_core::Interface;

use super::apartment::{InMta, within};
use super::failures::Failures;
use super::identity;
use super::presence::{self, Presence};
use crate::error::Error;
use crate::lock::lock;
use crate::run::Report;
use crate::run::Run;
use crate::throttle::BackgroundTaskThrottleCounter;
use crate::worker;

/// The minimum time between two values of a run; people cannot see shorter ones.
const SHORTEST: Duration = Duration::from_millis(10);

/// Reports a run to Windows, on threads of the multithreaded apartment.
pub(crate) struct Following {
    /// `None` when the run has ended.
    live: Mutex<Option<Live>>,
    pacing: AtomicBool,
}

struct Live {
    instance: InMta<IBackgroundTaskInstance>,
    deferral: BackgroundTaskDeferral,
    cancel_token: Option<i64>,
    /// The run may outlive its task object if the app holds deferrals.
    _presence: Presence,
}

/// A reference to it, held by the run.
pub(crate) struct ToWindows(Arc<Following>);

impl Following {
    pub(crate) fn new(
        instance: InMta<IBackgroundTaskInstance>,
        deferral: BackgroundTaskDeferral,
    ) -> Arc<Self> {
        let live = Live { instance, deferral, cancel_token: None, _presence: Presence::new() };
        Arc::new(Self { live: Mutex::new(Some(live)), pacing: AtomicBool::new(false) })
    }

    pub(crate) fn report(self: &Arc<Self>) -> ToWindows {
        ToWindows(Arc::clone(self))
    }

    /// Stores the token with which the run listens for its cancellation.
    pub(crate) fn listens(&self, token: i64) {
        if let Some(live) = &mut *lock(&self.live) {
            live.cancel_token = Some(token);
        }
    }

    /// Sends the latest value, unless it has been sent. The lock ensures that values stay in order.
    fn send_progress(&self, run: &Run) -> bool {
        let live = lock(&self.live);
        let (Some(live), Some(value)) = (&*live, run.take_progress()) else { return false };
        // If Windows is gone, it also kills this process.
        let _ = live.instance.SetProgress(value);
        true
    }

    /// Sends the first value immediately, then only the latest.
    fn pace(&self, run: &Run) {
        loop {
            while self.send_progress(run) {
                thread::sleep(SHORTEST);
            }
            self.pacing.store(false, Ordering::Release);
            // A value may have arrived in between. The thread that sets a later one takes over.
            if !run.has_progress() || self.pacing.swap(true, Ordering::AcqRel) {
                return;
            }
        }
    }

    fn close(&self, run: &Run, error: Option<&str>) {
        // The note is written first, because listeners look for it when they learn of the end.
        if let (Err(why), Some(error)) = (note(run, error), error) {
            eprintln!("oncue: {} failed: {error} (and no note of it can be left: {why})", run.task.name());
        }
        self.send_progress(run);
        let Some(live) = lock(&self.live).take() else { return };
        if let Some(token) = live.cancel_token {
            let _ = live.instance.RemoveCanceled(token);
        }
        // If Windows is gone, nobody waits for the end.
        let _ = live.deferral.Complete();
        presence::run_ended();
    }
}

impl Report for ToWindows {
    fn progress(&self, run: &Arc<Run>) {
        if !self.0.pacing.swap(true, Ordering::AcqRel) {
            let (following, run) = (Arc::clone(&self.0), Arc::clone(run));
            worker::run(move || following.pace(&run));
        }
    }

    fn completed(&self, run: &Arc<Run>, error: Option<String>) {
        let closing = Closing { following: Arc::clone(&self.0), run: Arc::clone(run), error };
        // The last deferral may be dropped on a thread of any apartment.
        worker::run(move || drop(closing));
    }

    fn suspended_count(&self) -> u32 {
        let following = Arc::clone(&self.0);
        let ask = move || lock(&following.live).as_ref().and_then(|live| live.instance.SuspendedCount().ok());
        within(ask).ok().flatten().unwrap_or(0)
    }

    fn throttle_count(&self, counter: BackgroundTaskThrottleCounter) -> u32 {
        let counter = match counter {
            BackgroundTaskThrottleCounter::All => Theirs::All,
            BackgroundTaskThrottleCounter::Cpu => Theirs::Cpu,
            BackgroundTaskThrottleCounter::Network => Theirs::Network,
        };
        let following = Arc::clone(&self.0);
        let ask = move || {
            let live = lock(&following.live);
            live.as_ref()?.instance.cast::<IBackgroundTaskInstance2>().ok()?.GetThrottleCount(counter).ok()
        };
        within(ask).ok().flatten().unwrap_or(0)
    }
}

/// Records how a run ended. A task that Windows no longer knows has no listeners.
fn note(run: &Run, error: Option<&str>) -> Result<(), Error> {
    let task = run.task.task_id();
    if task == Guid::default() {
        return Ok(());
    }
    let folder = identity::local_folder()?;
    let noted = Failures::below(&folder).note(task, run.id, error);
    noted.map_err(|source| Error::local_folder(folder, source))
}

/// The end of a run, which is reported even if no thread can be started for it: then on the thread
/// that dropped it.
struct Closing {
    following: Arc<Following>,
    run: Arc<Run>,
    error: Option<String>,
}

impl Drop for Closing {
    fn drop(&mut self) {
        self.following.close(&self.run, self.error.as_deref());
    }
}
