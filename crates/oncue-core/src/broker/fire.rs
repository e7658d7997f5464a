//! Firing: when a trigger has fired or a client has asked, judges the condition, then starts the task or lets
//! it wait.

use alloc::vec::Vec;
use core::time::Duration;

use oncue_types::{
    Answer, Cause, Condition, Facts, FireResult, Firing, HoldEnd, InstanceId, Missed, Moment, Outcome,
    Refusal, TaskId,
};

use crate::broker::Broker;
use crate::broker::schedule::Passed;
use crate::due::Due;
use crate::effect::Effects;
use crate::record::Record;
use crate::run::{Decider, Run};
use crate::tasks::{Joined, Phase, Task, TaskKey, Waiting};
use crate::timers::Timer;

impl Broker {
    /// Handles a task whose trigger is due, possibly several times over, and possibly since long ago.
    pub(super) fn due(&mut self, now: Moment, key: TaskKey, out: &mut Effects) {
        let task = &self.tasks[key];
        let Due::At(when) = task.due else { return };
        let Passed { count, first, last, next } = self.time.passed(now, task.trigger(), when);
        let skips = task.policy().is_some_and(|policy| policy.missed == Missed::Skip);
        let allowed = skips.then(|| self.time.slack(task, when, self.settings.slack).max(MISSED_AFTER));
        let is_late = |at| allowed.is_some_and(|allowed| now.wall.since(at) > allowed);
        self.arm(now, key, Due::by_time(next));
        let mut firing = Firing { count, ..Firing::once(first, Cause::Trigger) };
        if is_late(first) {
            let on_time = next.is_some() && !is_late(last);
            let missed = Firing { count: count - u32::from(on_time), ..firing };
            let why = "missed; the task skips missed firings";
            self.end_without_run(now, key, missed, Outcome::Skipped, why, out);
            if !on_time {
                self.record_waiting(now, key, out);
                self.retire_one_shot(key, out);
                return;
            }
            firing = Firing::once(last, Cause::Trigger);
        }
        self.fire(now, key, firing, out);
    }

    pub(super) fn fire_asked(
        &mut self,
        now: Moment,
        id: TaskId,
        force: bool,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        let known = self.tasks.key(id);
        if let Some(key) = known {
            let wait = self.circles.break_circle(id);
            self.wait_for_circle(key, wait);
        }
        self.open_for_new()?;
        let key = known.ok_or(Refusal::UnknownTask(id))?;
        let cause = if force { Cause::Forced } else { Cause::Asked };
        self.fire(now, key, Firing::once(now.wall, cause), out);
        // If the run ended at once, the registration may have ended with it.
        let task = self.tasks.get(key).ok_or(Refusal::UnknownTask(id))?;
        Ok(Answer::Fired(match task.phase() {
            Phase::Active { run, next: Some(_) } => FireResult::AfterThis(self.runs[*run].instance),
            Phase::Active { run, next: None } => FireResult::Started(self.runs[*run].instance),
            Phase::Held(_) | Phase::Armed => {
                FireResult::Held { failing: self.failing(now, task), blocked: self.stops(task).collect() }
            }
        }))
    }

    /// Handles a firing: joins it to the one that waits, or judges it.
    pub(super) fn fire(&mut self, now: Moment, key: TaskKey, firing: Firing, out: &mut Effects) {
        if firing.cause == Cause::Trigger && !self.tasks[key].trigger_fires() {
            return;
        }
        if firing.cause != Cause::Retry {
            self.forget_attempts(now, key, out);
        }
        match self.tasks.join(key, firing) {
            Joined::Alone(firing) => self.start_or_hold(now, key, firing, out),
            Joined::Held => self.run_or_wait(now, key, out),
            Joined::Next => self.record_waiting(now, key, out),
        }
    }

    /// Starts an armed task that has fired if it may run; otherwise holds the firing.
    pub(super) fn start_or_hold(&mut self, now: Moment, key: TaskKey, firing: Firing, out: &mut Effects) {
        let waiting = Waiting { firing, since: now.boot };
        if let Some(waiting) = self.start_if_allowed(now, key, waiting, out) {
            self.hold(key, waiting);
            self.record_waiting(now, key, out);
        }
    }

    /// Starts an armed task if it may run; otherwise returns the firing.
    pub(super) fn start_if_allowed(
        &mut self,
        now: Moment,
        key: TaskKey,
        waiting: Waiting,
        out: &mut Effects,
    ) -> Option<Waiting> {
        if !self.may_run(now, &self.tasks[key], &waiting) {
            return Some(waiting);
        }
        self.start(now, key, waiting.firing, out);
        None
    }

    /// Starts the task if it is held and may run; otherwise records what waits.
    pub(super) fn run_or_wait(&mut self, now: Moment, key: TaskKey, out: &mut Effects) {
        if !self.judge(now, key, out) {
            self.record_waiting(now, key, out);
        }
    }

    /// Starts the task if it is held and may run; returns whether it did.
    pub(super) fn judge(&mut self, now: Moment, key: TaskKey, out: &mut Effects) -> bool {
        let task = &self.tasks[key];
        if !task.held().is_some_and(|waiting| self.may_run(now, task, waiting)) {
            return false;
        }
        if let Some(waiting) = self.unhold(key) {
            self.start(now, key, waiting.firing, out);
        }
        true
    }

    /// Judges all held tasks again after a fact has changed.
    pub(super) fn judge_held(&mut self, now: Moment, out: &mut Effects) {
        for key in self.tasks.held() {
            self.judge(now, key, out);
        }
    }

    /// After a fact has changed, cancels the runs of tasks that ask for it and whose condition held before
    /// but no longer does.
    pub(super) fn judge_running(&mut self, now: Moment, before: &Facts, out: &mut Effects) {
        let loss = |run: &Run| {
            let task = &self.tasks[run.of?];
            Some((run.instance, self.loss(task, before).filter(|_| run.firing.cause != Cause::Forced)?))
        };
        let lost: Vec<(InstanceId, Decider)> = self.runs.iter().filter_map(loss).collect();
        for (instance, by) in lost {
            self.cancel_if_alive(now, instance, by, out);
        }
    }

    /// Returns the decider that ends a task's run because something that the run needs no longer holds.
    fn loss(&self, task: &Task, before: &Facts) -> Option<Decider> {
        let lost = |condition: &Condition| condition.holds(before) && !condition.holds(&self.facts);
        if task.trigger().implied().is_some_and(lost) {
            return Some(Decider::Maintenance);
        }
        let asks = task.policy().is_some_and(|policy| policy.cancel_on_condition_loss);
        let own = task.spec().condition.as_deref().filter(|_| asks);
        own.is_some_and(lost).then_some(Decider::ConditionLoss)
    }

    /// Makes a firing of an armed task wait for the task's condition.
    pub(super) fn hold(&mut self, key: TaskKey, waiting: Waiting) {
        self.tasks.hold(key, waiting);
        self.limit_hold(key);
    }

    /// Sets the deadline of a held task, counted from when it was first held.
    pub(super) fn limit_hold(&mut self, key: TaskKey) {
        let task = &self.tasks[key];
        let Some(waiting) = task.held() else { return };
        match task.policy().and_then(|policy| policy.hold_limit) {
            Some(limit) => self.timers.set(Timer::HoldLimit(key), waiting.since.after(limit.after)),
            None => self.timers.clear(Timer::HoldLimit(key)),
        }
    }

    /// Stops waiting for the condition, and gives the firing to the caller.
    fn unhold(&mut self, key: TaskKey) -> Option<Waiting> {
        self.timers.clear(Timer::HoldLimit(key));
        self.tasks.take_held(key)
    }

    pub(super) fn held_too_long(&mut self, now: Moment, key: TaskKey, out: &mut Effects) {
        // If the machine slept, the limit may have passed before the condition could be judged.
        if self.judge(now, key, out) {
            return;
        }
        let limit = self.tasks[key].policy().and_then(|policy| policy.hold_limit);
        if limit.is_none_or(|limit| limit.then == HoldEnd::Drop) {
            self.drop_waiting(now, key, "held for the maximum time that the task allows", out);
            self.retire_one_shot(key, out);
        }
    }

    /// Drops the firing that waits, if there is one, and writes that to the ledger.
    pub(super) fn drop_waiting(&mut self, now: Moment, key: TaskKey, why: &str, out: &mut Effects) {
        self.timers.clear(Timer::HoldLimit(key));
        if let Some(firing) = self.tasks.take_waiting(key) {
            self.end_without_run(now, key, firing, Outcome::Dropped, why, out);
            self.record_waiting(now, key, out);
        }
    }

    /// Records the task's waiting firing and when its trigger fires next.
    pub(super) fn record_waiting(&mut self, now: Moment, key: TaskKey, out: &mut Effects) {
        let task = &self.tasks[key];
        let since = task.held().map(|waiting| self.time.clocks().stamp(now, waiting.since));
        let (firing, next_due) = (task.waiting().cloned(), self.next_due(now, key));
        out.records.push(Record::Held { task: task.id(), firing, since, next_due });
        self.tasks.announce_change(key, out);
    }
}

/// A firing that is late by no more than this was not missed.
const MISSED_AFTER: Duration = Duration::from_secs(60);
