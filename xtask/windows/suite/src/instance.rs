//! The instance that a task is run with, in place of the one from Windows' broker.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use windows::ApplicationModel::Background::{
    BackgroundTaskCanceledEventHandler, BackgroundTaskCancellationReason, BackgroundTaskDeferral,
    BackgroundTaskRegistration, IBackgroundTaskInstance, IBackgroundTaskInstance_Impl,
};
use windows::Win32::Foundation::{E_BOUNDS, S_OK};
use windows::core::{GUID, HRESULT, IInspectable, Ref, Result, implement};

use crate::activation::{Apartment, activate};
use crate::deferral::deferral;
use crate::registration::registration;

/// How long a test waits for something that must happen: more than a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(60);
/// The id of the sample's task.
const TASK: GUID = GUID::from_u128(0x5a3b_1e00);
/// The token of the one cancellation handler.
const TOKEN: i64 = 77;

/// What the task server did with the instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It set the progress.
    Progress(u32),
    /// It added a handler for the cancellation.
    HandlerAdded,
    /// It took the handler away.
    HandlerRemoved,
    /// It took a deferral; they are numbered from 1.
    Deferred(u32),
    /// It completed a deferral.
    Completed(u32),
    /// `Run` returned; or the task could not be activated, or its server is gone.
    Returned(HRESULT),
}

/// An instance, and everything that was received from its server.
#[derive(Debug)]
pub struct Instance {
    object: Shared,
    tell: Sender<Heard>,
    heard: Receiver<Heard>,
    handler: Handler,
}

/// The object that is passed on. Wine cannot create references for other threads.
#[derive(Clone, Debug)]
struct Shared(IBackgroundTaskInstance);

// SAFETY: it points to a `Played`, which is `Send` and `Sync` and, as `implement` makes it, free of
// apartments; its count is atomic.
unsafe impl Send for Shared {}

/// The handler that the server added: a proxy of an object in its process.
type Handler = Arc<Mutex<Option<BackgroundTaskCanceledEventHandler>>>;

#[implement(IBackgroundTaskInstance)]
struct Played {
    id: GUID,
    progress: AtomicU32,
    deferrals: AtomicU32,
    handler: Handler,
    heard: Sender<Heard>,
}

impl Instance {
    /// Creates an instance of the sample's task; `number` becomes its id.
    #[must_use]
    pub fn new(number: u128) -> Self {
        let (tell, heard) = channel();
        let handler = Handler::default();
        let played = Played {
            id: GUID::from_u128(number),
            progress: AtomicU32::new(0),
            deferrals: AtomicU32::new(0),
            handler: Arc::clone(&handler),
            heard: tell.clone(),
        };
        Self { object: Shared(played.into()), tell, heard, handler }
    }

    /// Activates a class and runs its task with the instance, on a separate thread, because `Run`
    /// may return early or late.
    pub fn run(&self, class: GUID) {
        let (object, tell) = (self.object.clone(), self.tell.clone());
        thread::spawn(move || {
            // A test that has ended ignores this.
            let _ =
                tell.send(Heard::Returned(run(class, &object).map_or_else(|error| error.code(), |()| S_OK)));
        });
    }

    /// Waits until all of these have been received, in any order, and returns everything received
    /// since the last call.
    ///
    /// # Errors
    /// What was received, if they do not arrive within a minute, or cannot arrive because `Run`
    /// failed.
    pub fn until(&self, wanted: &[Heard]) -> std::result::Result<Vec<Heard>, Vec<Heard>> {
        let deadline = Instant::now() + PATIENCE;
        let mut all = Vec::new();
        while !wanted.iter().all(|wanted| all.contains(wanted)) {
            match self.heard.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(heard) => all.push(heard),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Err(all),
            }
            if matches!(all.last(), Some(Heard::Returned(code)) if code.is_err()) {
                return Err(all);
            }
        }
        Ok(all)
    }

    /// Cancels the instance by calling the handler in the server's process.
    ///
    /// # Errors
    /// Returns an error if there is no handler, or the server cannot be reached.
    pub fn cancel(&self, reason: BackgroundTaskCancellationReason) -> Result<()> {
        let handler = self.handler.lock().unwrap_or_else(PoisonError::into_inner).clone();
        handler.ok_or(E_BOUNDS)?.Invoke(&self.object.0, reason)
    }
}

fn run(class: GUID, object: &Shared) -> Result<()> {
    let _apartment = Apartment::enter()?;
    activate(class)?.Run(&object.0)
}

impl Played {
    /// A test that has ended ignores this.
    fn tell(&self, heard: Heard) {
        let _ = self.heard.send(heard);
    }

    fn set_handler(&self, handler: Option<BackgroundTaskCanceledEventHandler>) {
        *self.handler.lock().unwrap_or_else(PoisonError::into_inner) = handler;
    }
}

impl IBackgroundTaskInstance_Impl for Played_Impl {
    fn InstanceId(&self) -> Result<GUID> {
        Ok(self.id)
    }

    fn Task(&self) -> Result<BackgroundTaskRegistration> {
        Ok(registration(TASK, "SampleTask"))
    }

    fn Progress(&self) -> Result<u32> {
        Ok(self.progress.load(Ordering::SeqCst))
    }

    fn SetProgress(&self, value: u32) -> Result<()> {
        self.progress.store(value, Ordering::SeqCst);
        self.tell(Heard::Progress(value));
        Ok(())
    }

    /// A time trigger has no details: a null pointer without an error.
    fn TriggerDetails(&self) -> Result<IInspectable> {
        Err(windows::core::Error::empty())
    }

    fn Canceled(&self, handler: Ref<'_, BackgroundTaskCanceledEventHandler>) -> Result<i64> {
        self.set_handler(Some(handler.ok()?.clone()));
        self.tell(Heard::HandlerAdded);
        Ok(TOKEN)
    }

    fn RemoveCanceled(&self, token: i64) -> Result<()> {
        if token != TOKEN {
            return Err(E_BOUNDS.into());
        }
        self.set_handler(None);
        self.tell(Heard::HandlerRemoved);
        Ok(())
    }

    fn SuspendedCount(&self) -> Result<u32> {
        Ok(0)
    }

    fn GetDeferral(&self) -> Result<BackgroundTaskDeferral> {
        let number = self.deferrals.fetch_add(1, Ordering::SeqCst) + 1;
        self.tell(Heard::Deferred(number));
        Ok(deferral(number, self.heard.clone()))
    }
}
