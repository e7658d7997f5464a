//! The orders to the task that keeps a watch; they are the same for every kind of watch.

use oncue_core::TaskId;
use tokio::sync::mpsc;

/// The end that gives orders. The keeper ends when this is dropped.
pub(super) struct Orders<W>(mpsc::UnboundedSender<Order<W>>);

/// The keeper's end.
pub(super) struct Given<W>(mpsc::UnboundedReceiver<Order<W>>);

/// One order; `W` is what a task waits for.
#[derive(Debug)]
pub(super) enum Order<W> {
    Begin { task: TaskId, wanted: W },
    End { task: TaskId },
}

/// No more orders will come, because no task waits any more.
pub(super) struct Done;

/// Returns both ends.
pub(super) fn orders<W>() -> (Orders<W>, Given<W>) {
    let (give, given) = mpsc::unbounded_channel();
    (Orders(give), Given(given))
}

impl<W> Orders<W> {
    /// Starts watching on behalf of a task.
    pub(super) fn begin(&self, task: TaskId, wanted: W) {
        // The receiver is gone only when the broker is.
        let _ = self.0.send(Order::Begin { task, wanted });
    }

    /// Stops watching on behalf of a task.
    pub(super) fn end(&self, task: TaskId) {
        let _ = self.0.send(Order::End { task });
    }
}

impl<W> Given<W> {
    /// Waits for the next order.
    pub(super) async fn next(&mut self) -> Result<Order<W>, Done> {
        self.0.recv().await.ok_or(Done)
    }
}
