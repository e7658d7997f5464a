//! Keeps what all tasks watch: processes events, and reports changes and problems.

mod hear;
mod see;

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use oncue_core::{Event, TaskId};
use tokio::io::unix::AsyncFd;
use tokio::sync::{Notify, mpsc};
use tokio::time::{Duration, Instant, sleep_until};

use super::Order;
use super::kernel::{self, Kernel};
use super::lookout::{Job, Lookout, MAX_SILENT, PATIENCE, Pace, Report};
use super::mounts::MOUNTINFO;
use super::room::{Lack, Room};
use super::trouble::Trouble;
use super::walk::Plan;
use super::watched::{State, Watched};
use crate::descriptor::{self, URGENT};
use crate::inbox::Inbox;
use crate::source::watches::settle::Settling;

/// How long to do without inotify before it is tried again.
const PAUSE: Duration = Duration::from_secs(30);

/// What all tasks watch.
pub(super) struct Keeper {
    inbox: mpsc::Sender<Inbox>,
    tasks: HashMap<TaskId, Watched>,
    settling: Settling,
    /// The paths whose next plan waits.
    pausing: BTreeSet<(Instant, TaskId)>,
    room: Room,
    /// Someone asks what is watched.
    pub(super) asked: Arc<Notify>,
    /// When to check the lookout, while it has something to do.
    look_after: Option<Instant>,
}

/// No one watches any more.
pub(super) struct Done;

/// The channels to the keeper.
pub(super) struct Ends {
    pub(super) kernel: Kernel,
    pub(super) lookout: Lookout,
    pub(super) reports: mpsc::UnboundedReceiver<Report>,
    /// Has an exceptional condition when something is mounted or unmounted; `None` if this is not available.
    pub(super) mounts: Option<AsyncFd<OwnedFd>>,
}

impl Ends {
    fn open() -> io::Result<Self> {
        let (kernel, inotify) = kernel::open()?;
        Self::over(kernel, |reports| Lookout::open(inotify, reports))
    }

    pub(super) fn over(
        kernel: Kernel,
        lookout: impl FnOnce(mpsc::UnboundedSender<Report>) -> io::Result<Lookout>,
    ) -> io::Result<Self> {
        let (reporter, reports) = mpsc::unbounded_channel();
        let mounts = File::open(MOUNTINFO).and_then(|file| descriptor::urgent(file.into()));
        let mounts =
            mounts.inspect_err(|error| tracing::warn!("{MOUNTINFO}: {error}; mounts are not noticed"));
        Ok(Self { kernel, lookout: lookout(reporter)?, reports, mounts: mounts.ok() })
    }

    #[cfg(test)]
    fn are_idle(&self) -> bool {
        self.lookout.is_idle() && self.reports.is_empty() && self.kernel.is_drained()
    }
}

/// Waits until something is mounted or unmounted.
async fn remounted(mounts: Option<&AsyncFd<OwnedFd>>) {
    let Some(mounts) = mounts else { return std::future::pending().await };
    match mounts.ready(URGENT).await {
        Ok(mut ready) => ready.clear_ready(),
        Err(_) => std::future::pending().await,
    }
}

impl Keeper {
    pub(super) fn new(inbox: mpsc::Sender<Inbox>) -> Self {
        Self {
            inbox,
            tasks: HashMap::new(),
            settling: Settling::default(),
            pausing: BTreeSet::new(),
            room: Room::default(),
            asked: Arc::default(),
            look_after: None,
        }
    }

    pub(super) async fn keep(self, orders: mpsc::UnboundedReceiver<Order>) {
        self.keep_from(Ends::open(), orders).await;
    }

    pub(super) async fn keep_from(
        mut self,
        mut ends: io::Result<Ends>,
        mut orders: mpsc::UnboundedReceiver<Order>,
    ) {
        loop {
            let lost = match ends {
                Ok(ends) => self.look_out(ends, &mut orders).await,
                Err(error) => Ok(error),
            };
            let Ok(error) = lost else { return };
            if self.do_without(&error, &mut orders).await.is_err() {
                return;
            }
            ends = Ends::open();
        }
    }

    /// Does without inotify for a while, and tells every task so.
    async fn do_without(
        &mut self,
        error: &io::Error,
        orders: &mut mpsc::UnboundedReceiver<Order>,
    ) -> Result<(), Done> {
        let why = format!("cannot watch files: {error}; retrying every {} s", PAUSE.as_secs());
        tracing::error!("{why}");
        for (task, watched) in &mut self.tasks {
            watched.doubt();
            let _ = self.inbox.send(Event::Troubled { task: *task, why: Some(why.clone()) }.into()).await;
        }
        let until = Instant::now() + PAUSE;
        loop {
            tokio::select! {
                order = orders.recv() => match order.ok_or(Done)? {
                    Order::Begin { task, path, deep } => {
                        self.tasks.insert(task, Watched::new(path, deep));
                        let _ = self.inbox.send(Event::Troubled { task, why: Some(why.clone()) }.into()).await;
                    }
                    Order::End { task } => self.forget(task),
                    #[cfg(test)]
                    Order::Answer(answer) => answer.send(true).unwrap_or_default(),
                },
                () = sleep_until(until) => return Ok(()),
            }
        }
    }

    /// Watches until inotify can no longer be read, and returns why.
    async fn look_out(
        &mut self,
        mut ends: Ends,
        orders: &mut mpsc::UnboundedReceiver<Order>,
    ) -> Result<io::Error, Done> {
        let all: Vec<TaskId> = self.tasks.keys().copied().collect();
        self.pausing.clear();
        for task in all {
            if let Some(watched) = self.tasks.get_mut(&task) {
                // Nothing is known about it any more, and nothing is in progress.
                (watched.state, watched.trouble) = (State::Planned, None);
            }
            let _ = self.inbox.send(Event::Troubled { task, why: None }.into()).await;
            self.plan(task, &ends.lookout);
        }
        loop {
            let due = self.due();
            tokio::select! {
                order = orders.recv() => match order.ok_or(Done)? {
                    #[cfg(test)]
                    Order::Answer(answer) => answer.send(ends.are_idle()).unwrap_or_default(),
                    order => self.obey(order, &ends.lookout),
                },
                happened = ends.kernel.happened() => match happened {
                    Ok(happened) => happened.into_iter().for_each(|one| self.look_at(one, &ends.lookout)),
                    Err(error) => return Ok(error),
                },
                Some(report) = ends.reports.recv() => self.hear(report, &ends.lookout).await,
                () = self.asked.notified() => {
                    if self.room.is_asked_for(Instant::now()) {
                        self.plan_where(&ends.lookout, |watched| watched.lack() != Lack::Nothing);
                    }
                }
                () = remounted(ends.mounts.as_ref()) => self.post(Job::Mounts, &ends.lookout),
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    self.go_on(&ends.lookout).await;
                }
            }
        }
    }

    /// Returns when the next work is due without an event.
    fn due(&self) -> Option<Instant> {
        let pausing = self.pausing.first().map(|(at, _)| *at);
        [self.settling.due(), pausing, self.look_after, self.room.due()].into_iter().flatten().min()
    }

    /// Does the work that is due.
    async fn go_on(&mut self, lookout: &Lookout) {
        let now = Instant::now();
        self.tell(now).await;
        while let Some((at, task)) = self.pausing.first().copied().filter(|(at, _)| *at <= now) {
            self.pausing.remove(&(at, task));
            if let Some(watched) = self.tasks.get_mut(&task) {
                watched.state = State::Planned;
                self.plan(task, lookout);
            }
        }
        if self.look_after.is_some_and(|at| at <= now) {
            self.look_after(lookout).await;
        }
        if self.room.may_be_there(now) {
            self.plan_where(lookout, |watched| watched.lack() != Lack::Nothing);
        }
    }

    /// Makes sure that a file system that does not answer does not keep others waiting.
    async fn look_after(&mut self, lookout: &Lookout) {
        let pace = lookout.pace();
        self.look_after = (pace != Pace::Idle).then(|| Instant::now() + PATIENCE);
        if pace == Pace::Crowded {
            let planning = |watched: &Watched| matches!(watched.state, State::Planning { .. });
            let waiting = self.tasks.iter().filter(|(_, watched)| planning(watched));
            let waiting: Vec<TaskId> = waiting.map(|(task, _)| *task).collect();
            for task in waiting {
                self.say_trouble(task, Some(Trouble::Crowded(MAX_SILENT))).await;
            }
        }
    }

    fn obey(&mut self, order: Order, lookout: &Lookout) {
        match order {
            Order::Begin { task, path, deep } => {
                self.forget(task);
                lookout.index(|index| index.end(task));
                self.tasks.insert(task, Watched::new(path, deep));
                self.plan(task, lookout);
            }
            Order::End { task } => {
                lookout.index(|index| index.end(task));
                self.forget(task);
                // Other paths may have room now.
                self.plan_where(lookout, |watched| watched.lack() == Lack::Room);
            }
            #[cfg(test)]
            Order::Answer(_) => {}
        }
    }

    fn forget(&mut self, task: TaskId) {
        self.settling.forget(task);
        self.tasks.remove(&task);
        self.pausing.retain(|(_, of)| *of != task);
    }

    fn post(&mut self, job: Job, lookout: &Lookout) {
        lookout.post(job);
        self.look_after.get_or_insert_with(|| Instant::now() + PATIENCE);
    }

    /// Has a path planned, or planned again if planning is in progress.
    fn plan(&mut self, task: TaskId, lookout: &Lookout) {
        let Some(watched) = self.tasks.get_mut(&task) else { return };
        match &mut watched.state {
            State::Planning { again } => *again = true,
            State::Pausing => {}
            State::Planned => {
                watched.state = State::Planning { again: false };
                let turn = lookout.index(|index| index.begin_turn(task));
                let (path, deep) = (watched.path.clone(), watched.deep);
                self.post(Job::Plan(Plan { task, turn, path, deep }), lookout);
            }
        }
    }

    fn plan_where(&mut self, lookout: &Lookout, is: impl Fn(&Watched) -> bool) {
        let theirs: Vec<TaskId> =
            self.tasks.iter().filter(|(_, watched)| is(watched)).map(|(task, _)| *task).collect();
        for task in theirs {
            self.plan(task, lookout);
        }
    }
}
