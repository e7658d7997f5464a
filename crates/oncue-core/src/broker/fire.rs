//! Firing: a trigger has fired or somebody asked; judge the condition, then start, hold or wait.

use alloc::vec::Vec;
use core::time::Duration;

use crate::broker::Broker;
use crate::broker::schedule::Passed;
use crate::condition::Condition;
use crate::due::Due;
use crate::effect::{Answer, Effects, FireResult, Notice};
use crate::fact::Facts;
use crate::id::{InstanceId, TaskId};
use crate::moment::{Boot, Moment};
use crate::policy::{HoldEnd, Missed};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::run::{Decider, Outcome};
use crate::task::{Cause, Firing, Phase, Task};
use crate::timers::Timer;

impl Broker {
    /// The task's time has come, maybe several times over, and maybe long ago.
    pub(super) fn due(&mut self, now: Moment, id: TaskId, out: &mut Effects) {
        let Some(task) = self.tasks.get(&id) else {
            return;
        };
        let Due::At(when) = task.due else { return };
        let skips = task.spec.policy.as_ref().is_some_and(|policy| policy.missed == Missed::Skip);
        let allowed = self.slack(task, when).max(MISSED_AFTER);
        let Passed { count, first, last, next } = self.passed(now, &task.spec.trigger, when);
        self.arm(now, id, Due::by_time(next));
        let mut firing = Firing { count, ..Firing::once(first, Cause::Trigger) };
        if skips && now.wall.since(first) > allowed {
            let on_time = next.is_some() && now.wall.since(last) <= allowed;
            let missed = Firing { count: count - u32::from(on_time), ..firing.clone() };
            self.end_without_run(
                now,
                id,
                missed,
                Outcome::Skipped,
                "missed; the task skips missed firings",
                out,
            );
            if !on_time {
                self.record_waiting(now, id, out);
                self.retire_one_shot(id, out);
                return;
            }
            firing = Firing::once(last, Cause::Trigger);
        }
        self.fire(now, id, firing, out);
    }

    pub(super) fn fire_asked(
        &mut self,
        now: Moment,
        id: TaskId,
        force: bool,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        self.open_for_new()?;
        if !self.tasks.contains_key(&id) {
            return Err(Refusal::UnknownTask(id));
        }
        let cause = if force { Cause::Forced } else { Cause::Asked };
        self.fire(now, id, Firing::once(now.wall, cause), out);
        let Some(task) = self.tasks.get(&id) else {
            return Err(Refusal::UnknownTask(id));
        };
        Ok(Answer::Fired(match task.phase {
            Phase::Active { instance, next: Some(_) } => FireResult::AfterThis(instance),
            Phase::Active { instance, next: None } => FireResult::Started(instance),
            Phase::Held { .. } | Phase::Armed => FireResult::Held(self.blockers(now, task)),
        }))
    }

    /// Takes in a firing: joins it to what waits, then judges.
    pub(super) fn fire(&mut self, now: Moment, id: TaskId, firing: Firing, out: &mut Effects) {
        if firing.cause == Cause::Trigger && !self.trigger_fires(id) {
            return;
        }
        if firing.cause != Cause::Retry {
            self.forget_attempts(now, id, out);
        }
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        match &mut task.phase {
            Phase::Active { next, .. } => {
                *next = Some(match next.take() {
                    Some(waiting) => waiting.and(&firing),
                    None => firing,
                });
            }
            Phase::Held { firing: waiting, .. } => *waiting = waiting.clone().and(&firing),
            Phase::Armed => self.hold(id, firing, now.boot),
        }
        self.run_or_wait(now, id, out);
    }

    /// Takes note that the task's trigger fires; returns whether it may, for one that fires once does not
    /// fire again while its firing waits or is answered.
    fn trigger_fires(&mut self, id: TaskId) -> bool {
        let Some(task) = self.tasks.get_mut(&id) else {
            return false;
        };
        if task.spec.trigger.wake_once() {
            return core::mem::replace(&mut task.due, Due::Never) == Due::OnEvent;
        }
        true
    }

    /// Starts the task if it is held and may run; else records what waits.
    pub(super) fn run_or_wait(&mut self, now: Moment, id: TaskId, out: &mut Effects) {
        if !self.judge(now, id, out) {
            self.record_waiting(now, id, out);
        }
    }

    /// Starts the task if it is held and may run; returns whether it did.
    pub(super) fn judge(&mut self, now: Moment, id: TaskId, out: &mut Effects) -> bool {
        let Some(task) = self.tasks.get(&id) else {
            return false;
        };
        let Phase::Held { firing, .. } = &task.phase else {
            return false;
        };
        let firing = firing.clone();
        if self.may_run(now, task) {
            self.unhold(id);
            self.start(now, id, firing, out);
            return true;
        }
        false
    }

    /// A fact changed: whatever is held may now run.
    pub(super) fn judge_held(&mut self, now: Moment, out: &mut Effects) {
        let held: Vec<TaskId> = self.held.iter().copied().collect();
        for id in held {
            self.judge(now, id, out);
        }
    }

    /// A fact changed: what runs and asked for it is cancelled when its condition is lost, that is,
    /// when it held before.
    pub(super) fn judge_running(&mut self, now: Moment, before: &Facts, out: &mut Effects) {
        let lost: Vec<(InstanceId, Decider)> = (self.runs.values())
            .filter(|run| run.firing.cause != Cause::Forced)
            .filter_map(|run| self.tasks.get(&run.task).map(|task| (run.instance, task)))
            .filter_map(|(instance, task)| Some((instance, self.loss(task, before)?)))
            .collect();
        for (instance, by) in lost {
            self.cancel_run(now, instance, by, out);
        }
    }

    /// Returns who ends a task's run because something stopped holding that it needs to go on.
    fn loss(&self, task: &Task, before: &Facts) -> Option<Decider> {
        let lost = |condition: &Condition| condition.holds(before) && !condition.holds(&self.facts);
        let asks = task.spec.policy.as_ref().is_some_and(|policy| policy.cancel_on_condition_loss);
        if task.spec.trigger.implied().is_some_and(lost) {
            Some(Decider::Maintenance)
        } else {
            task.spec
                .condition
                .as_deref()
                .filter(|_| asks)
                .is_some_and(lost)
                .then_some(Decider::ConditionLoss)
        }
    }

    /// Makes a firing wait for the task's condition.
    pub(super) fn hold(&mut self, id: TaskId, firing: Firing, since: Boot) {
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        task.phase = Phase::Held { firing, since };
        self.held.insert(id);
        self.limit_hold(id);
    }

    /// Sets how long a held task may be held, counted from when it was first held.
    pub(super) fn limit_hold(&mut self, id: TaskId) {
        let Some(task) = self.tasks.get(&id) else {
            return;
        };
        let Phase::Held { since, .. } = task.phase else {
            return;
        };
        match task.spec.policy.as_ref().and_then(|policy| policy.hold_limit) {
            Some(limit) => self.timers.set(Timer::HoldLimit(id), since.after(limit.after), Duration::ZERO),
            None => self.timers.clear(Timer::HoldLimit(id)),
        }
    }

    /// Ends the waiting; the firing is the caller's from now on.
    pub(super) fn unhold(&mut self, id: TaskId) {
        self.held.remove(&id);
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        if matches!(task.phase, Phase::Held { .. }) {
            task.phase = Phase::Armed;
            self.timers.clear(Timer::HoldLimit(id));
        }
    }

    pub(super) fn held_too_long(&mut self, now: Moment, id: TaskId, out: &mut Effects) {
        // After sleep the limit may have passed before anybody could judge that it may run.
        if self.judge(now, id, out) {
            return;
        }
        let Some(task) = self.tasks.get(&id) else {
            return;
        };
        let limit = task.spec.policy.as_ref().and_then(|policy| policy.hold_limit);
        if limit.is_none_or(|limit| limit.then == HoldEnd::Drop) {
            self.drop_waiting(now, id, "held for the maximum time that the task allows", out);
            self.retire_one_shot(id, out);
        }
    }

    /// Gives up the firing that waits, if one does, and says so in the ledger.
    pub(super) fn drop_waiting(&mut self, now: Moment, id: TaskId, why: &str, out: &mut Effects) {
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        let Some(firing) = task.waiting().cloned() else { return };
        if let Phase::Active { next, .. } = &mut task.phase {
            *next = None;
        }
        self.unhold(id);
        self.end_without_run(now, id, firing, Outcome::Dropped, why, out);
        self.record_waiting(now, id, out);
    }

    /// Records what waits for the task and when it fires next.
    pub(super) fn record_waiting(&mut self, now: Moment, id: TaskId, out: &mut Effects) {
        let Some(task) = self.tasks.get(&id) else {
            return;
        };
        let since = task.held_since().map(|since| self.clocks().stamp(now, since));
        let next_due = self.next_due(now, task);
        out.records.push(Record::Held { task: id, firing: task.waiting().cloned(), since, next_due });
        out.announce(&task.package, Notice::TaskChanged(id));
    }
}

/// A firing that comes no later than this was not missed, merely served late.
const MISSED_AFTER: Duration = Duration::from_secs(60);
