//! Files and folders, through one inotify(7) for all tasks.
//!
//! A path is watched through the folders that lead to it, as far as they exist, so that it may go and
//! come again; what is replaced by renaming, as most editors do, is seen too. A symbolic link on the
//! way is followed, one inside a tree is not.

mod kernel;
mod plan;
mod watched;

use std::collections::HashMap;
use std::io;
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
        tokio::spawn(Keeper::new(inbox).keep(Kernel::open(), received));
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

/// Keeps what all tasks watch.
struct Keeper {
    inbox: mpsc::Sender<Inbox>,
    tasks: HashMap<TaskId, Watched>,
    settling: Settling,
}

/// Nobody watches any more.
struct Done;

impl Keeper {
    fn new(inbox: mpsc::Sender<Inbox>) -> Self {
        Self { inbox, tasks: HashMap::new(), settling: Settling::default() }
    }

    async fn keep(mut self, kernel: io::Result<Kernel>, mut orders: mpsc::UnboundedReceiver<Order>) {
        let lost = match kernel {
            Ok(kernel) => self.look_out(kernel, &mut orders).await,
            Err(error) => Ok(error),
        };
        if let Ok(error) = lost {
            self.refuse(&error, orders).await;
        }
    }

    /// Watches until inotify can be read no more, and returns why.
    async fn look_out(
        &mut self,
        mut kernel: Kernel,
        orders: &mut mpsc::UnboundedReceiver<Order>,
    ) -> Result<io::Error, Done> {
        loop {
            let due = self.settling.due();
            tokio::select! {
                order = orders.recv() => self.obey(order.ok_or(Done)?, &mut kernel).await,
                happened = kernel.happened() => match happened {
                    Ok(happened) => self.look_at(happened, &mut kernel).await,
                    Err(error) => return Ok(error),
                },
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => self.tell().await,
            }
        }
    }

    /// There is no inotify: every task is told so.
    async fn refuse(&mut self, error: &io::Error, mut orders: mpsc::UnboundedReceiver<Order>) {
        let why = format!("files cannot be watched: {error}");
        tracing::error!("reading from inotify: {error}; files are watched no more");
        for (task, _) in self.tasks.drain() {
            let _ = self.inbox.send(Inbox::Troubled { task, why: Some(why.clone()) }).await;
        }
        while let Some(order) = orders.recv().await {
            if let Order::Begin { task, .. } = order {
                let _ = self.inbox.send(Inbox::Troubled { task, why: Some(why.clone()) }).await;
            }
        }
    }

    async fn obey(&mut self, order: Order, kernel: &mut Kernel) {
        match order {
            Order::Begin { task, path, deep } => {
                let mut watched = Watched::new(path, deep);
                let trouble = watched.plan(task, kernel);
                self.tasks.insert(task, watched);
                self.say_trouble(task, trouble).await;
            }
            #[cfg(test)]
            Order::Answer(answer) => answer.send(()).unwrap_or_default(),
            Order::End { task } => {
                kernel.release_all(task);
                self.settling.forget(task);
                self.tasks.remove(&task);
                self.retry(kernel).await;
            }
        }
    }

    /// Room was made: those that found none try again.
    async fn retry(&mut self, kernel: &mut Kernel) {
        let without: Vec<TaskId> =
            self.tasks.iter().filter(|(_, watched)| watched.lacks_room()).map(|(task, _)| *task).collect();
        for task in without {
            self.plan_anew(task, kernel).await;
        }
    }

    async fn look_at(&mut self, happened: Vec<Happened>, kernel: &mut Kernel) {
        let now = Instant::now();
        for one in happened {
            match one {
                Happened::Overflow => {
                    let all: Vec<TaskId> = self.tasks.keys().copied().collect();
                    for task in all {
                        let path = self.tasks[&task].path();
                        self.settling.add(now, task, path);
                        self.settling.lose(now, task);
                        self.plan_anew(task, kernel).await;
                    }
                }
                Happened::In { wd, name, what } => {
                    for task in kernel.users(wd) {
                        let Some(watched) = self.tasks.get_mut(&task) else { continue };
                        let seen = watched.see(task, wd, &name, what, kernel);
                        seen.changed.into_iter().for_each(|path| self.settling.add(now, task, path));
                        if seen.plan_anew {
                            self.plan_anew(task, kernel).await;
                        }
                    }
                    if what.gone {
                        kernel.forget(wd);
                    }
                }
            }
        }
    }

    async fn plan_anew(&mut self, task: TaskId, kernel: &mut Kernel) {
        let Some(watched) = self.tasks.get_mut(&task) else { return };
        let trouble = watched.plan(task, kernel);
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
