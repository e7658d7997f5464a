//! Files and folders, through one inotify(7) for all tasks.
//!
//! ```text
//!  orders ──┐                     ┌─► lookout   threads that follow paths and watch what leads there
//!  inotify ─┼─► keeper ───────────┤
//!  mounts ──┘     ▲               └─► settling  what is told, once it has settled
//!                 └── reports ◄── lookout
//! ```
//!
//! Every folder that leads to a path is watched, through every link on the way, and so is the path
//! itself. Whatever may lead it elsewhere has it planned anew, and it counts as changed when something
//! else lies there than before. The keeper asks no file system anything: only the lookout does.

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

use crate::event_loop::Inbox;
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
    /// Answers whether everything is watched as ordered, and all that happened is taken in.
    #[cfg(test)]
    Answer(tokio::sync::oneshot::Sender<bool>),
}

impl Files {
    /// Begins to watch for tasks; ends when the handle is dropped.
    pub(super) fn open(inbox: mpsc::Sender<Inbox>) -> Self {
        let (orders, received) = mpsc::unbounded_channel();
        let keeper = Keeper::new(inbox);
        let asked = keeper.asked.clone();
        tokio::spawn(keeper.keep(received));
        Self { orders, asked }
    }

    /// Tries again to watch what could not be watched, since somebody wants to know how that stands.
    pub(super) fn try_again(&self) {
        self.asked.notify_one();
    }

    pub(super) fn begin(&self, task: TaskId, path: PathBuf, deep: bool) {
        // It is gone only when the broker is.
        let _ = self.orders.send(Order::Begin { task, path, deep });
    }

    pub(super) fn end(&self, task: TaskId) {
        let _ = self.orders.send(Order::End { task });
    }
}

#[cfg(test)]
mod tests;
