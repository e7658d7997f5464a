//! Running in a circle: a task whose runs change what it watches fires itself again, without end. So do
//! several tasks whose runs change what the next one watches.
//!
//! Their firings are kept, because nobody can tell whether somebody else's change is among them, but they
//! wait longer and longer. A firing that others have caused is answered at once.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::time::Duration;

use crate::broker::Broker;
use crate::effect::Effects;
use crate::guid::Guid;
use crate::id::TaskId;
use crate::moment::{Boot, Moment};
use crate::timers::Timer;
use crate::trigger::{Trigger, Watch};

/// How many runs in a row may fire their own task before the next one waits.
const RUNS: u32 = 5;
/// How long that one waits after the last run, doubled with each further run.
const FIRST: Duration = Duration::from_secs(1);
/// How long it waits at most.
const LONGEST: Duration = Duration::from_secs(60);
/// How much later than a run's end a change that the run made may be seen.
const LATE: Duration = Duration::from_millis(200);

/// How many tasks a circle may lead through to be noticed.
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
    /// The tasks whose runs have led to that run, if nothing else has.
    causes: Vec<TaskId>,
    /// The same for the next run.
    next: Causes,
    /// Whether that run has fired the task.
    fired: bool,
    /// How many runs in a row have.
    runs: u32,
    /// Whether the next run has to wait.
    waits: bool,
}

/// What has led to a run that has not begun.
#[derive(Debug)]
enum Causes {
    /// Runs of these tasks.
    Runs(Vec<TaskId>),
    /// Somebody else as well.
    Others,
}

impl Circles {
    /// Returns the tasks whose runs may have done all of that, and the ones that led to those runs.
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
    /// Whether all that happened between two moments happened during the last run.
    fn made(&self, (first, last): (Boot, Boot)) -> bool {
        self.began <= first && self.ended.is_none_or(|ended| last <= ended.after(LATE))
    }

    fn begin(now: Boot) -> Self {
        let (causes, next) = (Vec::new(), Causes::Runs(Vec::new()));
        Self { began: now, ended: None, causes, next, fired: false, runs: 0, waits: false }
    }

    fn pause(&self) -> Duration {
        let doubled = self.runs.saturating_sub(RUNS).min(16);
        FIRST.saturating_mul(1 << doubled).min(LONGEST)
    }
}

impl Broker {
    /// A run begins. What it changes may be seen before it says that it was entered.
    pub(super) fn watch_for_circle(&mut self, now: Moment, id: TaskId) {
        let watches_files = self.tasks.get(&id).is_some_and(|task| {
            matches!(&task.spec.trigger, Trigger::Watch(watch) if matches!(**watch, Watch::Path { .. }))
        });
        if !watches_files {
            return;
        }
        if let Some(ended) = self.circles.of.get(&id).and_then(|circle| circle.ended) {
            self.circles.ended.remove(&(ended, id));
        }
        self.circles.under_way.insert(id);
        let circle = self.circles.of.entry(id).or_insert_with(|| Circle::begin(now.boot));
        circle.causes = match core::mem::replace(&mut circle.next, Causes::Runs(Vec::new())) {
            Causes::Runs(tasks) => tasks,
            Causes::Others => Vec::new(),
        };
        (circle.began, circle.ended, circle.fired) = (now.boot, None, false);
    }

    /// A run has ended.
    pub(super) fn end_in_circle(&mut self, now: Moment, id: TaskId) {
        let Some(circle) = self.circles.of.get_mut(&id) else {
            return;
        };
        circle.ended = Some(now.boot);
        if circle.waits {
            self.timers.set(Timer::Circle(id), now.boot.after(circle.pause()), Duration::ZERO);
        }
        self.circles.under_way.remove(&id);
        self.circles.ended.insert((now.boot, id));
    }

    /// What the task watches has changed between two moments; whoever did it.
    pub(super) fn changed_in_circle(&mut self, id: TaskId, during: Option<(Boot, Boot)>) {
        let causes = during.map(|during| self.circles.causes_of(during)).unwrap_or_default();
        if causes.is_empty() {
            self.break_circle(id);
            return;
        }
        let Some(circle) = self.circles.of.get_mut(&id) else {
            return;
        };
        if let Causes::Runs(known) = &mut circle.next {
            add(known, &causes);
        }
        if !causes.contains(&id) {
            self.start_again(id);
            return;
        }
        if !circle.fired {
            circle.fired = true;
            circle.runs = circle.runs.saturating_add(1);
        }
        circle.waits = circle.runs >= RUNS;
        if let Some(ended) = circle.ended.filter(|_| circle.waits) {
            self.timers.set(Timer::Circle(id), ended.after(circle.pause()), Duration::ZERO);
        }
    }

    /// Somebody else wants the task to run, or it watches something else.
    pub(super) fn break_circle(&mut self, id: TaskId) {
        if let Some(circle) = self.circles.of.get_mut(&id) {
            circle.next = Causes::Others;
        }
        self.start_again(id);
    }

    /// The task does not run in a circle.
    fn start_again(&mut self, id: TaskId) {
        if let Some(circle) = self.circles.of.get_mut(&id) {
            (circle.runs, circle.waits) = (0, false);
            self.timers.clear(Timer::Circle(id));
        }
    }

    /// Forgets the task's runs.
    pub(super) fn forget_circle(&mut self, id: TaskId) {
        self.break_circle(id);
        if let Some(ended) = self.circles.of.remove(&id).and_then(|circle| circle.ended) {
            self.circles.ended.remove(&(ended, id));
        }
        self.circles.under_way.remove(&id);
    }

    /// Returns whether the task's next run waits because the last ones fired it themselves.
    pub(super) fn runs_in_circle(&self, id: TaskId) -> bool {
        self.circles.of.get(&id).is_some_and(|circle| circle.waits)
    }

    /// It has waited.
    pub(super) fn go_round(&mut self, now: Moment, id: TaskId, out: &mut Effects) {
        if let Some(circle) = self.circles.of.get_mut(&id) {
            circle.waits = false;
            self.judge(now, id, out);
        }
    }
}
