//! Asynchronous tasks, whose `run` is a future: on the run's own thread, or on the app's executor.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use oncue_types::{ClassUse, Cookie, Guid};

use crate::error::Error;
use crate::here::Scope;
use crate::instance::BackgroundTaskInstance;
use crate::run::Part;
use crate::server::TaskServer;
use crate::task::error_text;
use crate::task::{BackgroundTask, TaskError};
use crate::worker;

/// An asynchronous background task; the counterpart of [`BackgroundTask`].
///
/// This crate has no executor of its own.
/// [`register_async_class_object`](TaskServer::register_async_class_object) awaits each run on its
/// own thread, which suits futures that wake themselves.
/// [`register_async_class_object_on`](TaskServer::register_async_class_object_on) passes each run
/// to the app's executor, so that it can use the executor's timers and sockets. Calls of this crate block;
/// [`unblock`](crate::unblock) makes them as a future. WinRT has no counterpart; there, an asynchronous `Run`
/// takes a deferral.
///
/// ```no_run
/// use oncue::{AsyncBackgroundTask, BackgroundTaskInstance, TaskError};
/// # async fn download() -> Result<Vec<u8>, TaskError> { Ok(Vec::new()) }
///
/// struct Fetch;
///
/// impl AsyncBackgroundTask for Fetch {
///     async fn run(&self, instance: &BackgroundTaskInstance) -> Result<(), TaskError> {
///         let Ok(data) = instance.unless_canceled(download()).await else { return Ok(()) };
///         instance.set_progress(u32::try_from(data?.len())?);
///         Ok(())
///     }
/// }
/// ```
pub trait AsyncBackgroundTask: Send + Sync + 'static {
    /// Performs one run.
    ///
    /// The run is complete when the future has ended **and** every
    /// [deferral](BackgroundTaskInstance::deferral) is complete. A cancelled run has 5 seconds to
    /// complete, unless the task sets another grace: await
    /// [`canceled`](BackgroundTaskInstance::canceled) beside the work, or use
    /// [`unless_canceled`](BackgroundTaskInstance::unless_canceled).
    ///
    /// # Errors
    /// The run fails if this returns an error or panics, or if the executor drops the future before
    /// it has ended. The task server continues.
    fn run(&self, instance: &BackgroundTaskInstance) -> impl Future<Output = Result<(), TaskError>> + Send;
}

/// A whole run as a future, for an executor. Whatever happens to the future, the run ends with it.
pub type RunFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

impl TaskServer {
    /// Registers a class object like [`register_class_object`](Self::register_class_object). Each
    /// of its runs is awaited on its own thread.
    ///
    /// # Errors
    /// Returns the same errors as [`register_class_object`](Self::register_class_object).
    pub fn register_async_class_object<T: AsyncBackgroundTask>(
        &self,
        class: Guid,
        factory: impl Fn() -> T + Send + Sync + 'static,
        class_use: ClassUse,
    ) -> Result<Cookie, Error> {
        self.register_class_object(class, move || Awaited(factory()), class_use)
    }

    /// Registers a class object like [`register_class_object`](Self::register_class_object). Each
    /// of its runs is passed to `spawn`, which should return immediately. With tokio, pass `move
    /// |run| drop(handle.spawn(run))`.
    ///
    /// # Errors
    /// Returns the same errors as [`register_class_object`](Self::register_class_object).
    pub fn register_async_class_object_on<T: AsyncBackgroundTask>(
        &self,
        class: Guid,
        factory: impl Fn() -> T + Send + Sync + 'static,
        class_use: ClassUse,
        spawn: impl Fn(RunFuture) + Send + Sync + 'static,
    ) -> Result<Cookie, Error> {
        let spawn = Arc::new(spawn);
        let factory = move || Spawned { task: Arc::new(factory()), spawn: Arc::clone(&spawn) };
        self.register_class_object(class, factory, class_use)
    }
}

/// A task that is awaited on the thread of its run.
struct Awaited<T>(T);

impl<T: AsyncBackgroundTask> BackgroundTask for Awaited<T> {
    fn run(&self, instance: &BackgroundTaskInstance) -> Result<(), TaskError> {
        block_on(self.0.run(instance))
    }
}

/// A task that is awaited by an executor.
struct Spawned<T, S> {
    task: Arc<T>,
    spawn: Arc<S>,
}

impl<T, S> BackgroundTask for Spawned<T, S>
where
    T: AsyncBackgroundTask,
    S: Fn(RunFuture) + Send + Sync + 'static,
{
    fn run(&self, instance: &BackgroundTaskInstance) -> Result<(), TaskError> {
        let part = Part::of(instance.run(), "the executor dropped the task before it had ended");
        let (task, instance, scope) = (Arc::clone(&self.task), instance.clone(), Scope::here());
        (self.spawn)(Box::pin(async move {
            let error = caught(task.run(&instance), &scope).await;
            part.end(error);
        }));
        Ok(())
    }
}

/// Awaits a run, on any thread that polls it, and returns its error or panic.
async fn caught(run: impl Future<Output = Result<(), TaskError>>, scope: &Scope) -> Option<String> {
    let mut run = pin!(run);
    let mut poll = |context: &mut Context<'_>| scope.within(|| run.as_mut().poll(context));
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(Ok(()))) => Poll::Ready(None),
        Ok(Poll::Ready(Err(error))) => Poll::Ready(Some(error_text(&error))),
        // The future is not polled again.
        Err(panic) => Poll::Ready(Some(worker::panic_text(&*panic))),
    })
    .await
}

/// Polls a future on this thread, which parks in between.
fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Awake(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            // If it has been woken in the meantime, this returns at once.
            Poll::Pending => thread::park(),
        }
    }
}

struct Awake(Thread);

impl Wake for Awake {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}
