//! Files and folders, through one inotify(7) for all tasks.
//!
//! ```text
//!  orders ──┐                     ┌─► lookout   threads that resolve paths and watch all folders on the way
//!  inotify ─┼─► keeper ───────────┤
//!  mounts ──┘     ▲               └─► settling  changes, which are reported once they have settled
//!                 └── reports ◄── lookout
//! ```
//!
//! Each path is watched, and all folders that lead to it, including those of links on the way. If the path
//! may lead elsewhere, it is planned again, and it counts as changed if something else is there than before.
//! The keeper never accesses a file system: only the lookout does.

mod index;
mod keeper;
mod kernel;
mod lookout;
mod mounts;
mod room;
mod tree;
mod trouble;
mod walk;
mod watched;

use std::path::PathBuf;
use std::sync::Arc;

use oncue_core::TaskId;
use tokio::sync::{Notify, mpsc};

use crate::inbox::Inbox;
use keeper::Keeper;

/// The files that tasks wait for.
pub(super) struct Files {
    orders: mpsc::UnboundedSender<Order>,
    asked: Arc<Notify>,
}

#[derive(Debug)]
enum Order {
    Begin {
        task: TaskId,
        path: PathBuf,
        deep: bool,
    },
    End {
        task: TaskId,
    },
    /// Asks whether everything is watched as ordered, and all events are processed.
    #[cfg(test)]
    Answer(tokio::sync::oneshot::Sender<bool>),
}

impl Files {
    /// Starts to watch for tasks; stops when the handle is dropped.
    pub(super) fn open(inbox: mpsc::Sender<Inbox>) -> Self {
        let (orders, received) = mpsc::unbounded_channel();
        let keeper = Keeper::new(inbox);
        let asked = keeper.asked.clone();
        tokio::spawn(keeper.keep(received));
        Self { orders, asked }
    }

    /// Retries watches that failed, because someone asks about them.
    pub(super) fn try_again(&self) {
        self.asked.notify_one();
    }

    pub(super) fn begin(&self, task: TaskId, path: PathBuf, deep: bool) {
        // It is gone only if the broker is.
        let _ = self.orders.send(Order::Begin { task, path, deep });
    }

    pub(super) fn end(&self, task: TaskId) {
        let _ = self.orders.send(Order::End { task });
    }
}

#[cfg(test)]
mod tests;
