//! A run's cancellation as a future.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use oncue_types::CancellationReason as BackgroundTaskCancellationReason;

use crate::instance::BackgroundTaskInstance;
use crate::run::Run;

/// Completes with the reason when the run is cancelled. If it is never cancelled, this never
/// completes.
///
/// Created by [`BackgroundTaskInstance::canceled`].
#[must_use = "a future does nothing unless it is awaited"]
pub struct Canceled {
    run: Arc<Run>,
    /// Its place among the wakers of the run.
    place: Option<u64>,
}

impl BackgroundTaskInstance {
    /// Returns a future that completes with the reason when the run is cancelled, or immediately if
    /// it already is. It works with any executor, and there can be several of them.
    pub fn canceled(&self) -> Canceled {
        Canceled { run: Arc::clone(self.run()), place: None }
    }

    /// Awaits `work`, unless the run is cancelled first, in which case `work` is dropped.
    ///
    /// # Errors
    /// Returns the reason if the run was cancelled before the work was done.
    pub async fn unless_canceled<W: Future>(
        &self,
        work: W,
    ) -> Result<W::Output, BackgroundTaskCancellationReason> {
        let (mut work, mut canceled) = (pin!(work), pin!(self.canceled()));
        poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(Ok(done)),
            Poll::Pending => canceled.as_mut().poll(context).map(Err),
        })
        .await
    }
}

impl Future for Canceled {
    type Output = BackgroundTaskCancellationReason;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let run = Arc::clone(&self.run);
        match run.sleep_until_cancelled(&mut self.place, context.waker()) {
            Some(reason) => Poll::Ready(reason),
            None => Poll::Pending,
        }
    }
}

impl Drop for Canceled {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            drop(self.run.sleep_no_more(place));
        }
    }
}

impl fmt::Debug for Canceled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Canceled").field("instance_id", &self.run.id).finish()
    }
}
