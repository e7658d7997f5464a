//! Files and folders, through one inotify(7) for all tasks.
//!
//! A path is watched through the folders that lead to it, as far as they exist, so that it may go and
//! come again; what is replaced by renaming, as most editors do, is seen too. A symbolic link on the
//! way is followed, one inside a tree is not.

mod kernel;
mod plan;
mod watched;

use std::collections::HashMap;
use std::path::PathBuf;

use oncue_core::TaskId;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::settle::Settling;
use crate::event_loop::Inbox;
use kernel::{Happened, Kernel};
use watched::{Trouble, Watched};

/// The files that tasks wait for.
pub(super) struct Files {
    orders: mpsc::UnboundedSender<Order>,
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
    /// Answers once all orders before are obeyed.
    #[cfg(test)]
    Answer(tokio::sync::oneshot::Sender<()>),
}

impl Files {
    /// Begins to watch for tasks; ends when the handle is dropped.
    pub(super) fn open(inbox: mpsc::Sender<Inbox>) -> Self {
        let (orders, received) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            match Kernel::open() {
                Ok(kernel) => Keeper::new(kernel, inbox).keep(received).await,
                Err(error) => refuse(&error, received, &inbox).await,
            }
        });
        Self { orders }
    }

    pub(super) fn begin(&self, task: TaskId, path: PathBuf, deep: bool) {
        // It is gone only when the broker is.
        let _ = self.orders.send(Order::Begin { task, path, deep });
    }

    pub(super) fn end(&self, task: TaskId) {
        let _ = self.orders.send(Order::End { task });
    }
}

/// There is no inotify: every task is told so.
async fn refuse(
    error: &std::io::Error,
    mut orders: mpsc::UnboundedReceiver<Order>,
    inbox: &mpsc::Sender<Inbox>,
) {
    while let Some(order) = orders.recv().await {
        if let Order::Begin { task, .. } = order {
            let why = Some(format!("files cannot be watched: {error}"));
            let _ = inbox.send(Inbox::Troubled { task, why }).await;
        }
    }
}

/// Keeps what all tasks watch.
struct Keeper {
    kernel: Kernel,
    inbox: mpsc::Sender<Inbox>,
    tasks: HashMap<TaskId, Watched>,
    settling: Settling,
}

impl Keeper {
    fn new(kernel: Kernel, inbox: mpsc::Sender<Inbox>) -> Self {
        Self { kernel, inbox, tasks: HashMap::new(), settling: Settling::default() }
    }

    async fn keep(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        loop {
            let due = self.settling.due();
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.obey(order).await,
                    None => return,
                },
                happened = self.kernel.happened() => match happened {
                    Ok(happened) => self.look_at(happened).await,
                    Err(error) => {
                        tracing::error!("reading from inotify: {error}; files are watched no more");
                        return;
                    }
                },
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => self.tell().await,
            }
        }
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::Begin { task, path, deep } => {
                let mut watched = Watched::new(path, deep);
                let trouble = watched.plan(task, &mut self.kernel);
                self.tasks.insert(task, watched);
                self.say_trouble(task, trouble).await;
            }
            #[cfg(test)]
            Order::Answer(answer) => answer.send(()).unwrap_or_default(),
            Order::End { task } => {
                self.kernel.release_all(task);
                self.settling.forget(task);
                self.tasks.remove(&task);
                self.retry().await;
            }
        }
    }

    /// Room was made: those that found none try again.
    async fn retry(&mut self) {
        let without: Vec<TaskId> =
            self.tasks.iter().filter(|(_, watched)| watched.lacks_room()).map(|(task, _)| *task).collect();
        for task in without {
            self.plan_anew(task).await;
        }
    }

    async fn look_at(&mut self, happened: Vec<Happened>) {
        let now = Instant::now();
        for one in happened {
            match one {
                Happened::Overflow => {
                    let all: Vec<TaskId> = self.tasks.keys().copied().collect();
                    for task in all {
                        let path = self.tasks[&task].path();
                        self.settling.add_unknown(now, task, path);
                        self.plan_anew(task).await;
                    }
                }
                Happened::In { wd, name, what } => {
                    for task in self.kernel.users(wd) {
                        let Some(watched) = self.tasks.get_mut(&task) else { continue };
                        let seen = watched.see(task, wd, &name, what, &mut self.kernel);
                        seen.changed.into_iter().for_each(|path| self.settling.add(now, task, path));
                        if seen.plan_anew {
                            self.plan_anew(task).await;
                        }
                    }
                    if what.gone {
                        self.kernel.forget(wd);
                    }
                }
            }
        }
    }

    async fn plan_anew(&mut self, task: TaskId) {
        let Some(watched) = self.tasks.get_mut(&task) else { return };
        let trouble = watched.plan(task, &mut self.kernel);
        self.say_trouble(task, trouble).await;
    }

    async fn say_trouble(&mut self, task: TaskId, trouble: Option<Trouble>) {
        let Some(watched) = self.tasks.get_mut(&task) else { return };
        if watched.trouble_changes(trouble.clone()) {
            let why = trouble.map(|trouble| trouble.to_string());
            let _ = self.inbox.send(Inbox::Troubled { task, why }).await;
        }
    }

    async fn tell(&mut self) {
        for (task, details) in self.settling.take(Instant::now()) {
            let _ = self.inbox.send(Inbox::Noticed { task, count: 1, details }).await;
        }
    }
}

#[cfg(test)]
mod tests;
