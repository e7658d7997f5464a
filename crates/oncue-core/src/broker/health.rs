//! After a run that did not succeed: try again by the task's policy, or give up on it for now.

use alloc::vec::Vec;
use core::time::Duration;

use crate::broker::Broker;
use crate::broker::end::End;
use crate::effect::{Answer, Effects, Notice};
use crate::id::TaskId;
use crate::moment::{Boot, Moment};
use crate::package::FamilyName;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::run::{Outcome, Run};
use crate::task::{Cause, Firing, Health, Task};
use crate::timers::Timer;

/// What the end of a run says about its task.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verdict {
    activation: Went,
    /// Whether it is worth another attempt; what was cancelled is not, however it ended.
    pub(super) again: bool,
}

/// How an activation went.
#[derive(Clone, Copy, Debug)]
enum Went {
    /// Its server entered `run` and did not crash.
    Well,
    /// It crashed or never registered.
    Badly,
    /// It was ended before that could be seen.
    Unclear,
}

impl Verdict {
    pub(super) fn of(run: &Run, end: &End) -> Self {
        let activation = match end.outcome {
            Outcome::Completed | Outcome::Failed => Went::Well,
            Outcome::Cancelled if run.started_at.is_some() => Went::Well,
            Outcome::Crashed if end.bystander => Went::Unclear,
            Outcome::Crashed | Outcome::NotActivated => Went::Badly,
            Outcome::Cancelled
            | Outcome::Killed
            | Outcome::Lost
            | Outcome::Skipped
            | Outcome::Dropped
            | Outcome::Coalesced => Went::Unclear,
        };
        let failed = matches!(end.outcome, Outcome::Failed | Outcome::Crashed | Outcome::NotActivated);
        Self { activation, again: failed && end.reason.is_none() }
    }
}

impl Broker {
    pub(super) fn is_quarantined(&self, task: &Task) -> bool {
        (1..=task.health.strikes).contains(&self.settings.strikes)
    }

    /// Counts crashes in a row, and sets when to try again.
    pub(super) fn take_verdict(&mut self, now: Moment, id: TaskId, verdict: Verdict, out: &mut Effects) {
        let Some(task) = self.tasks.get(&id) else {
            return;
        };
        let strikes = match verdict.activation {
            Went::Well => 0,
            Went::Badly => task.health.strikes.saturating_add(1),
            Went::Unclear => task.health.strikes,
        };
        let attempt = task.health.attempt + 1;
        let retry = task.spec.policy.as_ref().and_then(|policy| policy.retry).filter(|_| verdict.again);
        let health = match retry.and_then(|retry| retry.wait(id, attempt)) {
            Some(wait) => Health { strikes, attempt, retry_at: Some(now.boot.after(wait)) },
            None => Health { strikes, attempt: 0, retry_at: None },
        };
        self.set_health(now, id, health, out);
    }

    /// The time for another attempt has come.
    pub(super) fn retry_due(&mut self, now: Moment, id: TaskId, at: Boot, out: &mut Effects) {
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        task.health.retry_at = None;
        self.record_health(now, id, out);
        self.fire(now, id, Firing::once(now.wall_at(at), Cause::Retry), out);
    }

    /// Another firing takes the place of further attempts.
    pub(super) fn forget_attempts(&mut self, now: Moment, id: TaskId, out: &mut Effects) {
        let Some(task) = self.tasks.get(&id) else {
            return;
        };
        let health = Health { attempt: 0, retry_at: None, ..task.health };
        self.set_health(now, id, health, out);
    }

    /// Lets a quarantined task run again.
    pub(super) fn release(&mut self, now: Moment, id: TaskId, out: &mut Effects) -> Result<Answer, Refusal> {
        let task = self.tasks.get(&id).ok_or(Refusal::UnknownTask(id))?;
        if !self.is_quarantined(task) {
            return Err(Refusal::NotQuarantined { name: task.spec.name.as_ref().into() });
        }
        self.trust_again(now, id, out);
        Ok(Answer::Done)
    }

    /// Forgets a task's crashes, because the user says so or because it changed.
    pub(super) fn trust_again(&mut self, now: Moment, id: TaskId, out: &mut Effects) {
        let Some(task) = self.tasks.get(&id) else {
            return;
        };
        let health = Health { strikes: 0, ..task.health };
        self.set_health(now, id, health, out);
        self.judge(now, id, out);
    }

    pub(super) fn trust_package_again(&mut self, now: Moment, package: &FamilyName, out: &mut Effects) {
        let tasks: Vec<TaskId> = self.tasks_of(package).collect();
        for task in tasks {
            self.trust_again(now, task, out);
        }
    }

    pub(super) fn set_health(&mut self, now: Moment, id: TaskId, health: Health, out: &mut Effects) {
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        if task.health == health {
            return;
        }
        task.health = health;
        match health.retry_at {
            Some(at) => self.timers.set(Timer::Retry(id), at, Duration::ZERO),
            None => self.timers.clear(Timer::Retry(id)),
        }
        self.record_health(now, id, out);
    }

    fn record_health(&self, now: Moment, id: TaskId, out: &mut Effects) {
        let Some(task) = self.tasks.get(&id) else {
            return;
        };
        let Health { strikes, attempt, retry_at } = task.health;
        let retry_at = retry_at.map(|at| self.clocks().stamp(now, at));
        out.records.push(Record::Health { task: id, strikes, attempt, retry_at });
        out.announce(&task.package, Notice::TaskChanged(id));
    }
}
