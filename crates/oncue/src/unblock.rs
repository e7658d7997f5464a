//! Calls as futures: each is made on a thread of this crate.

mod pool;

use std::fmt;
use std::future::Future;
use std::mem::replace;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;

use crate::builder::BackgroundTaskBuilder;
use crate::error::Error;
use crate::here::Scope;
use crate::lock::lock;
use crate::registration::BackgroundTaskRegistration;

/// Makes calls of this crate as a future, so that they do not block the thread that awaits it.
///
/// This works with every executor, and with every call of this crate. See
/// [`BackgroundTaskBuilder::unblock`] and [`BackgroundTaskRegistration::unblock`] for calls of one task.
///
/// The calls are made on a thread of this crate, at most 16 at the same time; further ones wait for their
/// turn. So `calls` must not wait for another future of this function, and should do nothing else that takes
/// long.
///
/// # Dropping the future
///
/// Nothing happens before the future is first polled. Once it has been polled, the calls are made even if it
/// is dropped: a registration takes effect, and only its result is lost. A [`Listener`](crate::Listener) in a
/// result that is lost stops listening.
///
/// # Errors
/// Returns the errors of `calls`, or an error if the system cannot start a thread.
///
/// # Panics
/// If `calls` panics, so does the poll that receives the result.
///
/// ```no_run
/// use oncue::BackgroundTaskRegistration;
///
/// # async fn example() -> Result<(), oncue::Error> {
/// for task in oncue::unblock(BackgroundTaskRegistration::all_tasks).await? {
///     println!("{} {:?}", task.name(), task.unblock(|task| task.state()).await?);
/// }
/// # Ok(()) }
/// ```
pub fn unblock<T, C>(calls: C) -> Unblock<T>
where
    T: Send + 'static,
    C: FnOnce() -> Result<T, Error> + Send + 'static,
{
    let scope = Scope::here();
    Unblock { state: State::NotBegun(Box::new(move || scope.within(calls))) }
}

impl BackgroundTaskBuilder {
    /// Makes calls with this builder as a future; see [`unblock`](crate::unblock).
    ///
    /// ```no_run
    /// use oncue::{BackgroundTaskBuilder, Guid, OneShot, TimeTrigger};
    ///
    /// # async fn example() -> Result<(), oncue::Error> {
    /// let task = BackgroundTaskBuilder::new()
    ///     .set_name("SampleTask")
    ///     .set_task_entry_point_clsid(Guid::from_u128(0x14c5882b_35d3_41be_86b2_5106269b97e6))
    ///     .set_trigger(TimeTrigger::new(15, OneShot::No))
    ///     .unblock(|builder| builder.register())
    ///     .await?;
    /// # Ok(()) }
    /// ```
    pub fn unblock<T, C>(&self, calls: C) -> Unblock<T>
    where
        T: Send + 'static,
        C: FnOnce(&Self) -> Result<T, Error> + Send + 'static,
    {
        let builder = self.clone();
        unblock(move || calls(&builder))
    }
}

impl BackgroundTaskRegistration {
    /// Makes calls with this task as a future; see [`unblock`](crate::unblock).
    ///
    /// ```no_run
    /// use oncue::{BackgroundTaskRegistration, Cancel};
    ///
    /// # async fn example(task: BackgroundTaskRegistration) -> Result<(), oncue::Error> {
    /// let last = task.unblock(|task| task.last_result()).await?;
    /// println!("{last:?}");
    /// task.unblock(|task| task.unregister(Cancel::Yes)).await?;
    /// # Ok(()) }
    /// ```
    pub fn unblock<T, C>(&self, calls: C) -> Unblock<T>
    where
        T: Send + 'static,
        C: FnOnce(&Self) -> Result<T, Error> + Send + 'static,
    {
        let task = self.clone();
        unblock(move || calls(&task))
    }
}

/// Calls of this crate that another thread makes.
///
/// Created by [`unblock`].
#[must_use = "a future does nothing unless it is awaited"]
pub struct Unblock<T> {
    state: State<T>,
}

type Calls<T> = Box<dyn FnOnce() -> Result<T, Error> + Send>;

enum State<T> {
    NotBegun(Calls<T>),
    Begun(Arc<Mutex<Answer<T>>>),
    Ended,
}

/// What the thread leaves for the future.
enum Answer<T> {
    Awaited(Waker),
    There(thread::Result<Result<T, Error>>),
    Taken,
}

impl<T: Send + 'static> Future for Unblock<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match replace(&mut self.state, State::Ended) {
            State::NotBegun(calls) => {
                let answer = Arc::new(Mutex::new(Answer::Awaited(context.waker().clone())));
                let owed = Owed(Arc::clone(&answer));
                self.state = State::Begun(answer);
                pool::run(Box::new(move || owed.pay(catch_unwind(AssertUnwindSafe(calls)))));
                Poll::Pending
            }
            State::Begun(answer) => match take(&answer, context.waker()) {
                Some(result) => Poll::Ready(result.unwrap_or_else(|panic| resume_unwind(panic))),
                None => {
                    self.state = State::Begun(answer);
                    Poll::Pending
                }
            },
            State::Ended => Poll::Pending,
        }
    }
}

/// Takes the answer, or stores the waker until it is there.
fn take<T>(answer: &Mutex<Answer<T>>, waker: &Waker) -> Option<thread::Result<Result<T, Error>>> {
    let mut answer = lock(answer);
    match replace(&mut *answer, Answer::Taken) {
        Answer::There(result) => Some(result),
        Answer::Awaited(_) | Answer::Taken => {
            *answer = Answer::Awaited(waker.clone());
            None
        }
    }
}

/// The answer that a future awaits. If no thread can make its calls, dropping this tells the future.
struct Owed<T>(Arc<Mutex<Answer<T>>>);

impl<T> Owed<T> {
    fn pay(&self, result: thread::Result<Result<T, Error>>) {
        let before = replace(&mut *lock(&self.0), Answer::There(result));
        if let Answer::Awaited(waker) = before {
            waker.wake();
        }
    }
}

impl<T> Drop for Owed<T> {
    fn drop(&mut self) {
        if matches!(&*lock(&self.0), Answer::Awaited(_)) {
            self.pay(Ok(Err(Error::no_thread())));
        }
    }
}

impl<T> fmt::Debug for Unblock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has_begun = !matches!(self.state, State::NotBegun(_));
        f.debug_struct("Unblock").field("has_begun", &has_begun).finish_non_exhaustive()
    }
}
