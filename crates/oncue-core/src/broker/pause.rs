//! Pauses: while all tasks or one task are paused, nothing of them starts, and what fires is held.
//!
//! A pause ends when the user resumes, after a span of real time, or when the wall clock shows a time. It
//! follows the wall clock when that is set, unless the clock was wrong before: then the time that the user
//! chose meant nothing, and the pause lasts for what was left of it.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use oncue_types::{
    Answer, Blocker, Boot, CancellationReason, Moment, Pause, PauseEnd, PauseScope, Refusal, Stamp, TaskId,
};

use crate::broker::Broker;
use crate::clocks::{Clocks, Step};
use crate::due::When;
use crate::effect::Effects;
use crate::record::Record;
use crate::run::Decider;
use crate::stored::StoredPause;
use crate::tasks::{Task, TaskKey};
use crate::timers::Timer;

/// The pauses. Few tasks are paused by themselves, so that is not a field of each task.
#[derive(Debug, Default)]
pub(super) struct Pauses {
    all: Option<Lasting>,
    tasks: BTreeMap<TaskId, Lasting>,
}

/// A pause that lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lasting {
    since: Boot,
    /// When it ends, unless only the user ends it.
    until: Option<When>,
}

impl Pauses {
    fn get(&self, scope: PauseScope) -> Option<Lasting> {
        match scope {
            PauseScope::All => self.all,
            PauseScope::Task(task) => self.tasks.get(&task).copied(),
        }
    }

    fn set(&mut self, scope: PauseScope, pause: Lasting) {
        match scope {
            PauseScope::All => self.all = Some(pause),
            PauseScope::Task(task) => drop(self.tasks.insert(task, pause)),
        }
    }

    /// Removes a pause; returns whether there was one.
    fn remove(&mut self, scope: PauseScope) -> bool {
        match scope {
            PauseScope::All => self.all.take().is_some(),
            PauseScope::Task(task) => self.tasks.remove(&task).is_some(),
        }
    }

    fn iter(&self) -> impl Iterator<Item = (PauseScope, Lasting)> {
        let all = self.all.map(|pause| (PauseScope::All, pause));
        let tasks = self.tasks.iter().map(|(task, pause)| (PauseScope::Task(*task), *pause));
        all.into_iter().chain(tasks)
    }

    /// Returns which pauses keep a task from running.
    pub(super) fn hold(&self, task: &Task) -> [(bool, Blocker); 2] {
        let itself = self.tasks.contains_key(&task.id());
        [(itself, Blocker::Paused), (self.all.is_some(), Blocker::AllPaused)]
    }

    pub(super) fn view(&self, now: Moment, scope: PauseScope) -> Option<Pause> {
        self.get(scope).map(|pause| pause.view(now))
    }
}

impl Lasting {
    fn view(self, now: Moment) -> Pause {
        Pause { since: now.wall_at(self.since), until: self.until.map(|until| until.wall(now)) }
    }

    fn stored(self, now: Moment, clocks: Clocks) -> StoredPause {
        StoredPause {
            since: clocks.stamp(now, self.since),
            until: self.until.map(|until| match until {
                When::Span(at) => When::Span(clocks.stamp(now, at)),
                When::Schedule(_) => When::Schedule(clocks.stamp(now, until.boot(now))),
            }),
        }
    }

    /// Restores a stored pause, given what has happened to the wall clock since.
    fn recalled(stored: StoredPause, clocks: Clocks, step: Step) -> Self {
        let until = |until: When<Stamp, Stamp>| match (until, step) {
            (When::Span(at), _) | (When::Schedule(at), Step::Corrected) => {
                When::Span(clocks.boot_of(at.steady))
            }
            (When::Schedule(at), Step::Forward | Step::Nudged | Step::Back | Step::Rezoned) => {
                When::Schedule(at.wall)
            }
        };
        Self { since: clocks.boot_of(stored.since.steady), until: stored.until.map(until) }
    }
}

impl Broker {
    /// Returns the pause of all tasks, if they are paused.
    #[must_use]
    pub fn all_paused(&self, now: Moment) -> Option<Pause> {
        self.pauses.view(now, PauseScope::All)
    }

    /// Pauses one task or all, or replaces the end of the present pause.
    pub(super) fn pause(
        &mut self,
        now: Moment,
        scope: PauseScope,
        end: PauseEnd,
        cancel: bool,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        let runs = match scope {
            PauseScope::All => self.runs.ids(|_| cancel),
            PauseScope::Task(task) => {
                self.tasks.asked(task)?;
                self.runs.ids(|run| cancel && run.task == task)
            }
        };
        let until = until(now, end)?;
        let since = self.pauses.get(scope).map_or(now.boot, |present| present.since);
        let pause = Lasting { since, until };
        self.set_pause(now, scope, pause, out);
        self.announce_pause(scope, out);
        for run in &runs {
            self.cancel_if_alive(now, *run, Decider::User(CancellationReason::Abort), out);
        }
        Ok(Answer::Paused { pause: pause.view(now), cancelled: runs.len() })
    }

    /// Ends a pause, if there is one.
    pub(super) fn resume(
        &mut self,
        now: Moment,
        scope: PauseScope,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        if let PauseScope::Task(task) = scope {
            self.tasks.asked(task)?;
        }
        let was_paused = self.pauses.get(scope).is_some();
        if was_paused {
            self.store.can_record()?;
            self.pause_over(now, scope, out);
        }
        Ok(Answer::Resumed { was_paused, tasks_paused: self.pauses.tasks.len() })
    }

    /// Ends the pause of a task whose time has come.
    pub(super) fn task_pause_over(&mut self, now: Moment, key: TaskKey, out: &mut Effects) {
        self.pause_over(now, PauseScope::Task(self.tasks[key].id()), out);
    }

    /// Ends a pause, and judges what it has held.
    pub(super) fn pause_over(&mut self, now: Moment, scope: PauseScope, out: &mut Effects) {
        self.forget_pause(scope, out);
        self.announce_pause(scope, out);
        match scope {
            PauseScope::All => self.judge_held(now, out),
            PauseScope::Task(task) => {
                if let Some(key) = self.tasks.key(task) {
                    self.judge(now, key, out);
                }
            }
        }
    }

    /// Removes a pause without judging anything, because it is over or its task is no longer registered.
    pub(super) fn forget_pause(&mut self, scope: PauseScope, out: &mut Effects) {
        if self.pauses.remove(scope) {
            self.time_pause(scope, None);
            out.records.push(Record::Resumed(scope));
        }
    }

    /// Moves the ends of pauses after the wall clock was set.
    pub(super) fn pauses_follow_clock(&mut self, now: Moment, before: Clocks, step: Step, out: &mut Effects) {
        let by_clock: Vec<_> = (self.pauses.iter())
            .filter_map(|(scope, pause)| match pause.until? {
                When::Schedule(wall) => Some((scope, pause, wall)),
                When::Span(_) => None,
            })
            .collect();
        for (scope, pause, wall) in by_clock {
            match step {
                Step::Corrected => {
                    let until = Some(When::Span(before.boot_at(wall)));
                    self.set_pause(now, scope, Lasting { until, ..pause }, out);
                    self.announce_pause(scope, out);
                }
                Step::Forward | Step::Nudged | Step::Back | Step::Rezoned => {
                    self.time_pause(scope, Some(now.boot_at(wall)));
                }
            }
        }
    }

    /// Restores the stored pauses.
    pub(super) fn recall_pauses(
        &mut self,
        now: Moment,
        stored: Vec<(PauseScope, StoredPause)>,
        step: Step,
        out: &mut Effects,
    ) {
        let clocks = self.time.clocks();
        for (scope, stored) in stored {
            let pause = Lasting::recalled(stored, clocks, step);
            if pause.stored(now, clocks).until != stored.until {
                self.set_pause(now, scope, pause, out);
            } else {
                self.pauses.set(scope, pause);
                self.time_pause(scope, pause.until.map(|until| until.boot(now)));
            }
        }
    }

    fn set_pause(&mut self, now: Moment, scope: PauseScope, pause: Lasting, out: &mut Effects) {
        self.pauses.set(scope, pause);
        self.time_pause(scope, pause.until.map(|until| until.boot(now)));
        out.records.push(Record::Paused { scope, pause: pause.stored(now, self.time.clocks()) });
    }

    /// Sets or clears the deadline of a pause.
    fn time_pause(&mut self, scope: PauseScope, at: Option<Boot>) {
        let timer = match scope {
            PauseScope::All => Some(Timer::AllPaused),
            PauseScope::Task(task) => self.tasks.key(task).map(Timer::Paused),
        };
        match (timer, at) {
            (Some(timer), Some(at)) => self.timers.set(timer, at),
            (Some(timer), None) => self.timers.clear(timer),
            (None, _) => {}
        }
    }

    /// Tells watching clients about the tasks that a pause concerns now: of the pause of all tasks, those that
    /// are held.
    fn announce_pause(&self, scope: PauseScope, out: &mut Effects) {
        let concerned = match scope {
            PauseScope::All => self.tasks.held(),
            PauseScope::Task(task) => self.tasks.key(task).into_iter().collect(),
        };
        for key in concerned {
            self.tasks.announce_change(key, out);
        }
    }
}

/// Returns when a pause ends; it must be in the future.
fn until(now: Moment, end: PauseEnd) -> Result<Option<When>, Refusal> {
    let (until, ago) = match end {
        PauseEnd::WhenResumed => return Ok(None),
        PauseEnd::After(span) => (When::Span(now.boot.after(span)), core::time::Duration::ZERO),
        PauseEnd::At(wall) => (When::Schedule(wall), now.wall.since(wall)),
    };
    if until.boot(now) <= now.boot { Err(Refusal::PauseEnded { ago }) } else { Ok(Some(until)) }
}
