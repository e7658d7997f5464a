//! Cancelling: a run is told once, has some time to end (its grace), and is then killed with its process
//! tree.

use oncue_types::{Action, Answer, CancellationReason, InstanceId, Moment, Notice, Outcome, Refusal, TaskId};

use crate::broker::Broker;
use crate::broker::end::End;
use crate::effect::{Effect, Effects};
use crate::run::{Decider, RunKey, RunState};
use crate::tasks::Phase;
use crate::timers::Timer;

impl Broker {
    pub(super) fn cancel_asked(
        &mut self,
        now: Moment,
        id: TaskId,
        reason: CancellationReason,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        let by = Decider::User(reason);
        let Some(key) = self.tasks.key(id) else {
            let orphans = self.runs.ids(|run| run.task == id);
            self.cancel_if_alive(now, *orphans.first().ok_or(Refusal::UnknownTask(id))?, by, out);
            return Ok(Answer::Done);
        };
        match *self.tasks[key].phase() {
            Phase::Armed => {
                return Err(Refusal::NotActive { name: self.tasks[key].spec().name.as_ref().into() });
            }
            Phase::Held(_) => {
                self.drop_waiting(now, key, "cancelled while it was held", out);
                self.retire_one_shot(key, out);
            }
            Phase::Active { run, .. } => self.cancel_run(now, run, by, out),
        }
        Ok(Answer::Done)
    }

    /// Cancels a run, unless it has ended since it was looked up.
    pub(super) fn cancel_if_alive(&mut self, now: Moment, run: InstanceId, by: Decider, out: &mut Effects) {
        if let Some(run) = self.runs.key(run) {
            self.cancel_run(now, run, by, out);
        }
    }

    /// Cancels a run. A run that was already told is not told again, but the stronger decider is kept.
    pub(super) fn cancel_run(&mut self, now: Moment, key: RunKey, by: Decider, out: &mut Effects) {
        let run = &mut self.runs[key];
        match &mut run.state {
            RunState::Waiting => {
                // The process may be about to exist.
                if run.action.command().is_some() {
                    self.kill_for(key, "was cancelled", out);
                }
                let end = End { reason: Some(by.reason()), ..End::of(Outcome::Cancelled) };
                self.end(now, key, end, out);
            }
            RunState::Delivered | RunState::Running => {
                run.state = RunState::Cancelling { by };
                run.used_up_by_cancel(by, out);
                out.announce(&run.package, Notice::TaskChanged(run.task));
                if let Some(server) = run.server {
                    out.at_once.push(match run.action {
                        Action::Class(_) => {
                            let (instance, reason) = (run.instance, by.reason());
                            Effect::TellCancel { server, instance, reason }
                        }
                        Action::Command(_) => Effect::Terminate { server },
                    });
                }
                let grace = self.machine.grace(now, run.grace);
                self.timers.clear(Timer::Activation(key));
                self.timers.set(Timer::Grace(key), now.boot.after(grace));
            }
            RunState::Cancelling { by: told } => {
                let stronger = told.or(by);
                if core::mem::replace(told, stronger).reason() != stronger.reason() {
                    run.used_up_by_cancel(stronger, out);
                }
                self.shorten_grace(now, key);
            }
            RunState::Killing { by: told } => *told = told.or(by),
        }
    }

    /// Shortens the grace of a run that is already being cancelled to what the system grants now.
    fn shorten_grace(&mut self, now: Moment, run: RunKey) {
        if let Some(until) = self.timers.grace(run) {
            let left = self.machine.grace(now, until.since(now.boot));
            self.timers.set(Timer::Grace(run), now.boot.after(left).min(until));
        }
    }

    pub(super) fn grace_over(&mut self, key: RunKey, out: &mut Effects) {
        let run = &mut self.runs[key];
        if let RunState::Cancelling { by } = run.state {
            run.state = RunState::Killing { by };
            self.kill_for(key, "was cancelled and did not end in time", out);
        }
    }
}
