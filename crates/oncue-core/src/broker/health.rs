//! What follows a run that did not succeed: retries according to the task's policy, or quarantine.

use alloc::vec::Vec;

use oncue_types::{Answer, Boot, Cause, FamilyName, Firing, Moment, Outcome, Refusal, TaskId};

use crate::broker::Broker;
use crate::broker::end::End;
use crate::effect::Effects;
use crate::record::Record;
use crate::run::Run;
use crate::task::Health;
use crate::tasks::{Task, TaskKey};
use crate::timers::Timer;

/// What the end of a run says about its task.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verdict {
    activation: Went,
    /// Whether the run is to be retried; a cancelled run is not, however it ended.
    pub(super) again: bool,
}

/// The result of an activation.
#[derive(Clone, Copy, Debug)]
enum Went {
    /// The server entered `run` and did not crash.
    Well,
    /// The server crashed, or never registered the class object.
    Badly,
    /// The run was ended before that could be known.
    Unclear,
}

impl Verdict {
    pub(super) fn of(run: &Run, end: &End) -> Self {
        let activation = match end.outcome {
            Outcome::Completed | Outcome::Failed => Went::Well,
            Outcome::Cancelled if run.started_at.is_some() => Went::Well,
            Outcome::Crashed | Outcome::NotActivated if run.action.command().is_some() => Went::Unclear,
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
        (1..=task.health().strikes).contains(&self.settings.strikes)
    }

    /// Counts consecutive crashes, and schedules the retry.
    pub(super) fn take_verdict(&mut self, now: Moment, key: TaskKey, verdict: Verdict, out: &mut Effects) {
        let task = &self.tasks[key];
        let before = task.health();
        let strikes = match verdict.activation {
            Went::Well => 0,
            Went::Badly => before.strikes.saturating_add(1),
            Went::Unclear => before.strikes,
        };
        let attempt = before.attempt + 1;
        let again = verdict.again && task.spec().live_trigger().is_some();
        let retry = task.policy().and_then(|policy| policy.retry).filter(|_| again);
        let health = match retry.and_then(|retry| retry.wait(task.id(), attempt)) {
            Some(wait) => Health { strikes, attempt, retry_at: Some(now.boot.after(wait)) },
            None => Health { strikes, attempt: 0, retry_at: None },
        };
        self.set_health(now, key, health, out);
    }

    /// Retries a task.
    pub(super) fn retry_due(&mut self, now: Moment, key: TaskKey, at: Boot, out: &mut Effects) {
        let task = &mut self.tasks[key];
        task.set_health(Health { retry_at: None, ..task.health() });
        self.record_health(now, key, out);
        self.fire(now, key, Firing::once(now.wall_at(at), Cause::Retry), out);
    }

    /// Forgets planned retries, because another firing replaces them.
    pub(super) fn forget_attempts(&mut self, now: Moment, key: TaskKey, out: &mut Effects) {
        let health = Health { attempt: 0, retry_at: None, ..self.tasks[key].health() };
        self.set_health(now, key, health, out);
    }

    /// Lets a quarantined task run again.
    pub(super) fn release(&mut self, now: Moment, id: TaskId, out: &mut Effects) -> Result<Answer, Refusal> {
        let key = self.tasks.asked(id)?;
        let task = &self.tasks[key];
        if !self.is_quarantined(task) {
            return Err(Refusal::NotQuarantined { name: task.spec().name.as_ref().into() });
        }
        self.trust_again(now, key, out);
        Ok(Answer::Done)
    }

    /// Forgets a task's crashes, because the user asked for it or because the task changed.
    pub(super) fn trust_again(&mut self, now: Moment, key: TaskKey, out: &mut Effects) {
        let health = Health { strikes: 0, ..self.tasks[key].health() };
        self.set_health(now, key, health, out);
        self.judge(now, key, out);
    }

    pub(super) fn trust_package_again(&mut self, now: Moment, package: &FamilyName, out: &mut Effects) {
        let tasks: Vec<TaskKey> = self.tasks.of_package(package).collect();
        for task in tasks {
            self.trust_again(now, task, out);
        }
    }

    pub(super) fn set_health(&mut self, now: Moment, key: TaskKey, health: Health, out: &mut Effects) {
        let task = &mut self.tasks[key];
        if task.health() == health {
            return;
        }
        task.set_health(health);
        match health.retry_at {
            Some(at) => self.timers.set(Timer::Retry(key), at),
            None => self.timers.clear(Timer::Retry(key)),
        }
        self.record_health(now, key, out);
    }

    fn record_health(&self, now: Moment, key: TaskKey, out: &mut Effects) {
        let task = &self.tasks[key];
        let Health { strikes, attempt, retry_at } = task.health();
        let retry_at = retry_at.map(|at| self.time.clocks().stamp(now, at));
        out.records.push(Record::Health { task: task.id(), strikes, attempt, retry_at });
        self.tasks.announce_change(key, out);
    }
}
