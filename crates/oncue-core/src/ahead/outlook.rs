//! What comes, as far as it was looked ahead.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use oncue_types::{Blocker, Cause, Condition, LedgerEntry, Moment, Outcome, TaskId, TaskView, Wall};

use crate::broker::Broker;

/// What comes until the horizon.
#[derive(Debug)]
pub struct Outlook {
    /// The tasks that something happens to.
    pub coming: BTreeMap<TaskId, Coming>,
    /// The runs that have to wait for another run.
    pub clashes: Vec<Clash>,
    /// At how many instants the broker wakes up for a deadline.
    pub wake_ups: u64,
    /// Until when it was looked ahead.
    pub reached: Wall,
    /// Whether that is before the horizon, because too much happens.
    pub is_cut: bool,
    broker: Broker,
    now: Moment,
}

/// What happens to a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coming {
    /// Its first runs.
    pub runs: Vec<ComingRun>,
    /// How many runs there are.
    pub count: u64,
    /// When the last of them begins.
    pub last: Option<Wall>,
    /// How many firings end without a run, because they were missed or held for too long.
    pub without_run: u64,
    /// How long a run usually takes, once that was needed.
    usual: Option<Option<Duration>>,
}

/// A run to come, or one that has begun already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComingRun {
    /// When its firing is due.
    pub due: Wall,
    /// When it begins.
    pub at: Wall,
    /// How long it usually takes, if that is known.
    pub usual: Option<Duration>,
    /// Why it runs.
    pub cause: Cause,
    /// How many firings it answers.
    pub firings: u32,
    /// Whether it has begun already.
    pub is_running: bool,
    /// What it waits for after it has fired.
    pub wait: Option<Wait>,
}

/// What a firing waits for. If nothing is named, it waits for the previous run of its task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Since when.
    pub since: Wall,
    /// What blocks it.
    pub blocked: Vec<Blocker>,
    /// The parts of its condition that fail.
    pub failing: Vec<Condition>,
}

/// Runs of a task that have to wait for another run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// The task.
    pub task: TaskId,
    /// What it waits for.
    pub behind: Behind,
    /// How often.
    pub count: u64,
    /// When first.
    pub first: Wall,
    /// How long at most.
    pub longest: Duration,
}

/// The run that another one has to wait for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Behind {
    /// The previous run of the same task.
    Itself,
    /// A run of the task with this name, which is in the same queue.
    Queue(String),
}

impl Outlook {
    /// Returns the state of a task at the end, or `None` if it is no longer registered then.
    #[must_use]
    pub fn view(&self, task: TaskId) -> Option<TaskView> {
        self.broker.view(self.now, task)
    }
}

impl Wait {
    /// Returns the run that is waited for, if the wait is for a run.
    #[must_use]
    pub fn behind(&self) -> Option<Behind> {
        if self.blocked.is_empty() && self.failing.is_empty() {
            return Some(Behind::Itself);
        }
        self.blocked.iter().find_map(|blocker| match blocker {
            Blocker::Queue(name) => Some(Behind::Queue(name.clone())),
            Blocker::Quarantined
            | Blocker::Denied
            | Blocker::Paused
            | Blocker::AllPaused
            | Blocker::EnergySaver
            | Blocker::MemoryShort
            | Blocker::Shortage(_)
            | Blocker::OutOfReach(_)
            | Blocker::Circling
            | Blocker::Asleep
            | Blocker::SessionEnding
            | Blocker::Stopping => None,
        })
    }
}

/// Collects what comes.
#[derive(Debug)]
pub(super) struct Tally {
    runs_per_task: usize,
    coming: BTreeMap<TaskId, Coming>,
    waits: BTreeMap<TaskId, Wait>,
    clashes: BTreeMap<(TaskId, Behind), Clash>,
    wake_ups: u64,
    /// The last wake-up.
    woke: Option<Wall>,
}

impl Tally {
    pub(super) fn new(runs_per_task: usize) -> Self {
        Self {
            runs_per_task,
            coming: BTreeMap::new(),
            waits: BTreeMap::new(),
            clashes: BTreeMap::new(),
            wake_ups: 0,
            woke: None,
        }
    }

    /// Notes that a deadline wakes the broker. Several at one instant are one wake-up.
    pub(super) fn wakes(&mut self, at: Wall) {
        if self.woke.replace(at) != Some(at) {
            self.wake_ups += 1;
        }
    }

    /// Returns how long a run of the task usually takes; asks only once.
    pub(super) fn usual_of(
        &mut self,
        task: TaskId,
        ask: impl FnOnce() -> Option<Duration>,
    ) -> Option<Duration> {
        *self.coming.entry(task).or_default().usual.get_or_insert_with(ask)
    }

    /// Returns whether a firing of the task waits.
    pub(super) fn waits(&self, task: TaskId) -> bool {
        self.waits.contains_key(&task)
    }

    pub(super) fn begins_to_wait(&mut self, task: TaskId, wait: Wait) {
        self.waits.insert(task, wait);
    }

    pub(super) fn waits_no_more(&mut self, task: TaskId) {
        self.waits.remove(&task);
    }

    pub(super) fn run_begins(&mut self, task: TaskId, run: ComingRun) {
        let waited = |wait: &Wait| !run.is_running && !run.at.since(wait.since).is_zero();
        let wait = self.waits.remove(&task).filter(waited);
        if let Some((wait, behind)) = wait.as_ref().and_then(|wait| Some((wait, wait.behind()?))) {
            let long = run.at.since(wait.since);
            let clash = Clash { task, behind: behind.clone(), count: 0, first: run.at, longest: long };
            let clash = self.clashes.entry((task, behind)).or_insert(clash);
            clash.count += 1;
            clash.longest = clash.longest.max(long);
        }
        let coming = self.coming.entry(task).or_default();
        coming.count += 1;
        coming.last = Some(run.at);
        if coming.runs.len() < self.runs_per_task {
            coming.runs.push(ComingRun { wait, ..run });
        }
    }

    /// Notes a firing that ends without a run.
    pub(super) fn ended(&mut self, entry: &LedgerEntry) {
        if matches!(entry.outcome, Outcome::Skipped | Outcome::Dropped) {
            self.coming.entry(entry.task).or_default().without_run += u64::from(entry.firings);
        }
    }

    pub(super) fn finish(self, broker: Broker, now: Moment, reached: Wall, is_cut: bool) -> Outlook {
        let Self { coming, clashes, wake_ups, .. } = self;
        let mut clashes: Vec<Clash> = clashes.into_values().collect();
        clashes.sort_by_key(|clash| (clash.first, clash.task));
        Outlook { coming, clashes, wake_ups, reached, is_cut, broker, now }
    }
}
