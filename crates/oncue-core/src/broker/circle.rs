//! Tasks that fire themselves: a task whose runs change what it watches would run without end. So would
//! several tasks whose runs change what the next one watches.
//!
//! Their firings are kept, because other changes may be among them, but the task waits longer and longer. A
//! firing that something else has caused is answered at once.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::time::Duration;

use oncue_types::{Boot, Guid, TaskId, Watch};

use crate::tasks::Task;

/// How many runs in a row may fire their own task before the next one waits.
const RUNS: u32 = 5;
/// How long the next run waits after the last one; doubled with each further run.
const FIRST: Duration = Duration::from_secs(1);
/// The maximum wait.
const LONGEST: Duration = Duration::from_secs(60);
/// How long after a run's end a change that the run made may still be observed.
const LATE: Duration = Duration::from_millis(200);

/// The maximum number of tasks in a circle that is recognised.
const TASKS: usize = 8;

/// The last runs of the tasks that watch files.
#[derive(Debug, Default)]
pub(super) struct Circles {
    of: BTreeMap<TaskId, Circle>,
    /// The tasks that are running.
    under_way: BTreeSet<TaskId>,
    /// The other tasks, by the end of their last run.
    ended: BTreeSet<(Boot, TaskId)>,
}

/// The last run of a task that watches files, and how often its runs have fired it.
#[derive(Debug)]
struct Circle {
    began: Boot,
    ended: Option<Boot>,
    /// The tasks whose runs caused this run, if nothing else did.
    causes: Vec<TaskId>,
    /// What has caused the next run so far.
    next: Causes,
    /// Whether the last run has fired the task.
    fired: bool,
    /// How many runs in a row have fired the task.
    runs: u32,
    /// Whether the next run has to wait.
    waits: bool,
}

/// What happens to the deadline until which the next run of a task waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// It stays as it is.
    Unchanged,
    /// The next run waits until this time.
    Until(Boot),
    /// The next run does not wait.
    Over,
}

/// What has caused a run that has not begun.
#[derive(Debug)]
enum Causes {
    /// Runs of these tasks.
    Runs(Vec<TaskId>),
    /// Something else as well.
    Others,
}

impl Circles {
    /// Returns the tasks whose runs may have caused everything in this period, and the tasks that caused
    /// those runs.
    fn causes_of(&self, during: (Boot, Boot)) -> Vec<TaskId> {
        let lately = (during.1.before(LATE), TaskId(Guid::from_u128(0)));
        let ended = self.ended.range(lately..).map(|(_, task)| task);
        let mut causes = Vec::new();
        for task in self.under_way.iter().chain(ended) {
            let Some(circle) = self.of.get(task).filter(|circle| circle.made(during)) else { continue };
            add(&mut causes, &[*task]);
            add(&mut causes, &circle.causes);
        }
        causes
    }
}

fn add(causes: &mut Vec<TaskId>, more: &[TaskId]) {
    for task in more {
        if causes.len() < TASKS && !causes.contains(task) {
            causes.push(*task);
        }
    }
}

impl Circle {
    /// Returns whether everything between the two moments happened during the last run.
    fn made(&self, (first, last): (Boot, Boot)) -> bool {
        self.began <= first && self.ended.is_none_or(|ended| last <= ended.after(LATE))
    }

    /// Starts to count again: the task did not fire itself.
    fn start_again(&mut self) -> Wait {
        (self.runs, self.waits) = (0, false);
        Wait::Over
    }

    fn begin(now: Boot) -> Self {
        let (causes, next) = (Vec::new(), Causes::Runs(Vec::new()));
        Self { began: now, ended: None, causes, next, fired: false, runs: 0, waits: false }
    }

    /// Returns until when the next run waits, if the last one has ended.
    fn wait(&self) -> Wait {
        match self.ended.filter(|_| self.waits) {
            Some(ended) => {
                let doubled = self.runs.saturating_sub(RUNS).min(16);
                Wait::Until(ended.after(FIRST.saturating_mul(1 << doubled).min(LONGEST)))
            }
            None => Wait::Unchanged,
        }
    }
}

impl Circles {
    /// Notes that a run of a task begins. Its changes may be observed before it reports that it was entered.
    pub(super) fn run_begins(&mut self, now: Boot, task: &Task) {
        if !task.watch().is_some_and(|watch| matches!(**watch, Watch::Path { .. })) {
            return;
        }
        let id = task.id();
        if let Some(ended) = self.of.get(&id).and_then(|circle| circle.ended) {
            self.ended.remove(&(ended, id));
        }
        self.under_way.insert(id);
        let circle = self.of.entry(id).or_insert_with(|| Circle::begin(now));
        circle.causes = match core::mem::replace(&mut circle.next, Causes::Runs(Vec::new())) {
            Causes::Runs(tasks) => tasks,
            Causes::Others => Vec::new(),
        };
        (circle.began, circle.ended, circle.fired) = (now, None, false);
    }

    /// Notes that a run has ended.
    pub(super) fn run_ended(&mut self, now: Boot, id: TaskId) -> Wait {
        let Some(circle) = self.of.get_mut(&id) else { return Wait::Unchanged };
        circle.ended = Some(now);
        self.under_way.remove(&id);
        self.ended.insert((now, id));
        circle.wait()
    }

    /// Notes that what the task watches has changed between two moments, for whatever reason.
    pub(super) fn changed(&mut self, id: TaskId, during: Option<(Boot, Boot)>) -> Wait {
        let causes = during.map(|during| self.causes_of(during)).unwrap_or_default();
        if causes.is_empty() {
            return self.break_circle(id);
        }
        let Some(circle) = self.of.get_mut(&id) else { return Wait::Unchanged };
        if let Causes::Runs(known) = &mut circle.next {
            add(known, &causes);
        }
        if !causes.contains(&id) {
            return circle.start_again();
        }
        if !circle.fired {
            circle.fired = true;
            circle.runs = circle.runs.saturating_add(1);
        }
        circle.waits = circle.runs >= RUNS;
        circle.wait()
    }

    /// Notes that something other than its own runs has fired the task.
    pub(super) fn break_circle(&mut self, id: TaskId) -> Wait {
        let Some(circle) = self.of.get_mut(&id) else { return Wait::Unchanged };
        circle.next = Causes::Others;
        circle.start_again()
    }

    /// Forgets the task's runs, because it watches something else or no longer exists.
    pub(super) fn forget(&mut self, id: TaskId) {
        if let Some(ended) = self.of.remove(&id).and_then(|circle| circle.ended) {
            self.ended.remove(&(ended, id));
        }
        self.under_way.remove(&id);
    }

    /// Notes that the task's next run has waited long enough.
    pub(super) fn has_waited(&mut self, id: TaskId) {
        if let Some(circle) = self.of.get_mut(&id) {
            circle.waits = false;
        }
    }

    /// Returns whether the task's next run waits because the previous ones fired the task themselves.
    pub(super) fn waits(&self, task: &Task) -> bool {
        task.watch().is_some() && self.of.get(&task.id()).is_some_and(|circle| circle.waits)
    }
}
