//! Running in a circle: a task whose runs change what it watches fires itself again, without end.
//!
//! Its firings are kept, for nobody can tell whether somebody else's change is among them, but they
//! wait longer and longer; one that others made is answered at once.

use core::time::Duration;

use crate::broker::Broker;
use crate::effect::Effects;
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

/// The last run of a task that watches files, and how often its runs have fired it.
#[derive(Debug)]
pub(super) struct Circle {
    began: Boot,
    ended: Option<Boot>,
    /// Whether that run has fired the task.
    fired: bool,
    /// How many runs in a row have.
    runs: u32,
    /// Whether the next run has to wait.
    waits: bool,
}

impl Circle {
    /// Whether all that happened between two moments happened during the last run.
    fn made(&self, (first, last): (Boot, Boot)) -> bool {
        self.began <= first && self.ended.is_none_or(|ended| last <= ended.after(LATE))
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
        let new = Circle { began: now.boot, ended: None, fired: false, runs: 0, waits: false };
        let circle = self.circles.entry(id).or_insert(new);
        (circle.began, circle.ended, circle.fired) = (now.boot, None, false);
    }

    /// A run has ended.
    pub(super) fn end_in_circle(&mut self, now: Moment, id: TaskId) {
        let Some(circle) = self.circles.get_mut(&id) else {
            return;
        };
        circle.ended = Some(now.boot);
        if circle.waits {
            self.timers.set(Timer::Circle(id), now.boot.after(circle.pause()), Duration::ZERO);
        }
    }

    /// What the task watches has changed between two moments; whoever did it.
    pub(super) fn changed_in_circle(&mut self, id: TaskId, during: Option<(Boot, Boot)>) {
        let Some(circle) = self.circles.get_mut(&id) else {
            return;
        };
        if !during.is_some_and(|during| circle.made(during)) {
            self.break_circle(id);
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
        if let Some(circle) = self.circles.get_mut(&id) {
            (circle.runs, circle.waits) = (0, false);
            self.timers.clear(Timer::Circle(id));
        }
    }

    /// Forgets the task's runs.
    pub(super) fn forget_circle(&mut self, id: TaskId) {
        self.break_circle(id);
        self.circles.remove(&id);
    }

    /// Returns whether the task's next run waits because the last ones fired it themselves.
    pub(super) fn runs_in_circle(&self, id: TaskId) -> bool {
        self.circles.get(&id).is_some_and(|circle| circle.waits)
    }

    /// It has waited.
    pub(super) fn go_round(&mut self, now: Moment, id: TaskId, out: &mut Effects) {
        if let Some(circle) = self.circles.get_mut(&id) {
            circle.waits = false;
            self.judge(now, id, out);
        }
    }
}
