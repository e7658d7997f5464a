//! Cancelling: a run is told once, has its grace, and is then killed with its process tree.

use core::time::Duration;

use crate::broker::Broker;
use crate::effect::{Answer, Effect, Effects, Notice};
use crate::id::{InstanceId, TaskId};
use crate::moment::Moment;
use crate::refusal::Refusal;
use crate::run::{CancellationReason, Decider, Outcome, RunState};
use crate::task::Phase;
use crate::timers::Timer;

impl Broker {
    pub(super) fn cancel_asked(
        &mut self,
        now: Moment,
        id: TaskId,
        reason: CancellationReason,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        let Some(task) = self.tasks.get(&id) else {
            let mut orphans = self.runs.values().filter(|run| run.task == id);
            let instance = orphans.next().ok_or(Refusal::UnknownTask(id))?.instance;
            self.cancel_run(now, instance, Decider::User(reason), out);
            return Ok(Answer::Done);
        };
        match task.phase {
            Phase::Armed => Err(Refusal::NotActive { name: task.spec.name.as_ref().into() }),
            Phase::Held { .. } => {
                self.drop_waiting(now, id, "cancelled while it was held", out);
                self.retire_one_shot(id, out);
                Ok(Answer::Done)
            }
            Phase::Active { instance, .. } => {
                self.cancel_run(now, instance, Decider::User(reason), out);
                Ok(Answer::Done)
            }
        }
    }

    /// Cancels a run; one that was told already is not told again, but remembers the stronger decider.
    pub(super) fn cancel_run(&mut self, now: Moment, instance: InstanceId, by: Decider, out: &mut Effects) {
        let Some(run) = self.runs.get_mut(&instance) else {
            return;
        };
        match &mut run.state {
            RunState::Waiting => self.end_cancelled(now, instance, by.reason(), out),
            RunState::Delivered | RunState::Running => {
                run.state = RunState::Cancelling { by };
                run.used_up_by_cancel(by, out);
                let (task, grace) = (run.task, self.machine.grace(now, run.grace));
                out.announce(&run.package, Notice::TaskChanged(task));
                if let Some(server) = run.server {
                    out.at_once.push(Effect::TellCancel { server, instance, reason: by.reason() });
                }
                self.timers.clear(Timer::Activation(instance));
                self.timers.set(Timer::Grace(instance), now.boot.after(grace), Duration::ZERO);
            }
            RunState::Cancelling { by: told } => {
                let stronger = told.or(by);
                if core::mem::replace(told, stronger) != stronger {
                    run.used_up_by_cancel(stronger, out);
                }
                self.shorten_grace(now, instance);
            }
            RunState::Killing { by: told } => *told = told.or(by),
        }
    }

    /// A run that was cancelled before does not have longer than the system grants now.
    fn shorten_grace(&mut self, now: Moment, instance: InstanceId) {
        let Some(until) = self.timers.get(Timer::Grace(instance)) else {
            return;
        };
        let left = self.machine.grace(now, until.since(now.boot));
        self.timers.set(Timer::Grace(instance), now.boot.after(left).min(until), Duration::ZERO);
    }

    pub(super) fn grace_over(&mut self, instance: InstanceId, out: &mut Effects) {
        let Some(run) = self.runs.get_mut(&instance) else {
            return;
        };
        let RunState::Cancelling { by } = run.state else {
            return;
        };
        run.state = RunState::Killing { by };
        self.kill_for(instance, "was cancelled and did not end in time", out);
    }

    fn end_cancelled(
        &mut self,
        now: Moment,
        instance: InstanceId,
        reason: CancellationReason,
        out: &mut Effects,
    ) {
        let end = super::end::End { reason: Some(reason), ..super::end::End::of(Outcome::Cancelled) };
        self.end(now, instance, end, out);
    }
}
