//! The end of a firing: exactly one ledger entry, then the task is armed, judged again or retired.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::broker::Broker;
use crate::broker::activation::{Failed, told};
use crate::broker::health::Verdict;
use crate::due::Due;
use crate::effect::{Effect, Effects, Notice};
use crate::id::{InstanceId, ServerId, TaskId};
use crate::moment::Moment;
use crate::record::{LedgerEntry, Record};
use crate::run::{CancellationReason, Exit, Outcome, Remains, Run, RunState};
use crate::server::Server;
use crate::task::{Firing, Last, Phase};
use crate::timers::Timer;

/// How a run ended.
#[derive(Debug)]
pub(super) struct End {
    pub(super) outcome: Outcome,
    pub(super) reason: Option<CancellationReason>,
    pub(super) exit: Option<Exit>,
    pub(super) message: Option<String>,
    /// Another run of its server brought it down.
    pub(super) bystander: bool,
}

impl End {
    pub(super) fn of(outcome: Outcome) -> Self {
        Self { outcome, reason: None, exit: None, message: None, bystander: false }
    }
}

impl Broker {
    pub(super) fn progressed(
        &mut self,
        server: ServerId,
        instance: InstanceId,
        value: u32,
        out: &mut Effects,
    ) {
        let Some(run) = self.handed_to(server, instance) else {
            return;
        };
        if run.progress != Some(value) {
            run.progress = Some(value);
            let task = run.task;
            out.announce(&run.package, Notice::RunProgressed { task, instance, value });
        }
    }

    pub(super) fn completed(
        &mut self,
        now: Moment,
        server: ServerId,
        instance: InstanceId,
        result: Result<(), String>,
        out: &mut Effects,
    ) {
        let Some(run) = self.handed_to(server, instance) else {
            return;
        };
        let message = result.err();
        let end = match run.state {
            RunState::Cancelling { by } | RunState::Killing { by } => {
                End { reason: Some(by.reason()), message, ..End::of(Outcome::Cancelled) }
            }
            RunState::Waiting | RunState::Delivered | RunState::Running => {
                let outcome = if message.is_some() { Outcome::Failed } else { Outcome::Completed };
                End { message, ..End::of(outcome) }
            }
        };
        self.end(now, instance, end, out);
    }

    /// A server's process is gone: each of its runs ends by what it was doing.
    pub(super) fn server_gone(
        &mut self,
        now: Moment,
        server: ServerId,
        remains: &Remains,
        out: &mut Effects,
    ) {
        self.timers.clear(Timer::Exit(server));
        let Some(gone) = self.servers.remove(server) else {
            return;
        };
        // What a server starts and leaves behind in good order is on its own from then on; what is
        // left of one that went wrong would go on with work that has ended in the ledger.
        let in_good_order = remains.exit == Some(Exit::Code(0)) && gone.runs.is_empty();
        if remains.exit.is_some() && !in_good_order && !gone.doomed {
            out.at_once.push(Effect::Kill { server });
        }
        for instance in &gone.runs {
            if self.was_short(now, *instance, out) {
                continue;
            }
            let Some(run) = self.runs.get(instance) else {
                continue;
            };
            let message = why_gone(&gone, run, remains);
            let (outcome, reason) = match run.state {
                RunState::Waiting => (Outcome::NotActivated, None),
                RunState::Delivered | RunState::Running => (Outcome::Crashed, None),
                RunState::Cancelling { by } if remains.exit == Some(Exit::Code(0)) => {
                    (Outcome::Cancelled, Some(by.reason()))
                }
                RunState::Cancelling { by } => (Outcome::Crashed, Some(by.reason())),
                RunState::Killing { by } => (Outcome::Killed, Some(by.reason())),
            };
            let (exit, bystander) = (remains.exit, gone.killed_for.is_some());
            self.end(now, *instance, End { outcome, reason, exit, message, bystander }, out);
        }
    }

    pub(super) fn end_not_activated(
        &mut self,
        now: Moment,
        instance: InstanceId,
        why: String,
        out: &mut Effects,
    ) {
        let end = End { message: Some(why), ..End::of(Outcome::NotActivated) };
        self.end(now, instance, end, out);
    }

    /// Ends a run: writes its entry, gives its server back, and lets its task go on.
    pub(super) fn end(&mut self, now: Moment, instance: InstanceId, end: End, out: &mut Effects) {
        self.unassign(now, instance);
        let Some(run) = self.runs.remove(&instance) else {
            return;
        };
        for timer in [Timer::Activation(instance), Timer::TimeLimit(instance), Timer::Grace(instance)] {
            self.timers.clear(timer);
        }
        let (task, verdict) = (run.task, Verdict::of(&run, &end));
        let entry = LedgerEntry {
            started_at: run.started_at,
            reason: end.reason,
            progress: run.progress,
            exit: end.exit,
            message: noted(end.message, run.simulated.clone()),
            ..LedgerEntry::of(instance, run.whose(), &run.firing, end.outcome, now.wall)
        };
        self.write(entry, out);
        self.end_in_circle(now, task);
        self.go_on(now, task, verdict, out);
    }

    /// Writes the entry of a firing that led to no run.
    pub(super) fn end_without_run(
        &mut self,
        now: Moment,
        task: TaskId,
        firing: Firing,
        outcome: Outcome,
        why: impl Into<String>,
        out: &mut Effects,
    ) {
        let begun = firing.begun;
        let instance = begun.map_or_else(|| self.ids.instance(), |begun| begun.run);
        let firing = Firing { count: firing.untold(), ..firing };
        let Some(known) = self.tasks.get(&task) else {
            return;
        };
        let whose = (task, known.spec.name.clone(), known.package.clone());
        let message = noted(Some(why.into()), self.facts.simulated());
        let entry = LedgerEntry::of(instance, whose, &firing, outcome, now.wall);
        self.write(LedgerEntry { message, ..entry }, out);
    }

    pub(super) fn write(&mut self, entry: LedgerEntry, out: &mut Effects) {
        if let Some(task) = self.tasks.get_mut(&entry.task).filter(|_| entry.outcome.is_last()) {
            task.last =
                Some(Last { instance: entry.instance, outcome: entry.outcome, ended_at: entry.ended_at });
        }
        out.records.push(Record::Ended(Box::new(entry.clone())));
        out.announce(&entry.package.clone(), Notice::Ended(entry));
    }

    /// The run is over: what fired meanwhile is judged, a one-shot task that has fired retires.
    fn go_on(&mut self, now: Moment, id: TaskId, mut verdict: Verdict, out: &mut Effects) {
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        let next = task.waiting().cloned();
        task.phase = Phase::Armed;
        out.announce(&task.package, Notice::TaskChanged(id));
        // What fired meanwhile takes the place of another attempt.
        verdict.again &= next.is_none();
        self.take_verdict(now, id, verdict, out);
        match next {
            Some(firing) => {
                self.hold(id, firing, now.boot);
                self.run_or_wait(now, id, out);
            }
            None => self.retire_one_shot(id, out),
        }
    }

    /// Ends a registration whose trigger never fires again and whose firing is answered.
    pub(super) fn retire_one_shot(&mut self, id: TaskId, out: &mut Effects) {
        let Some(task) = self.tasks.get(&id) else {
            return;
        };
        if task.due == Due::Never && task.phase == Phase::Armed && task.health.retry_at.is_none() {
            self.remove_task(id, out);
        }
    }

    /// Returns the runs that are alive, for those who must end them all.
    pub(super) fn alive_of(&self, package: &crate::FamilyName) -> Vec<InstanceId> {
        self.runs.values().filter(|run| run.package == *package).map(|run| run.instance).collect()
    }
}

/// Adds to what is told of an end that facts were simulated, so that nobody takes it for the real thing.
fn noted(message: Option<String>, simulated: Option<String>) -> Option<String> {
    match (message, simulated) {
        (Some(message), Some(simulated)) => Some(format!("{message}; {simulated}")),
        (message, simulated) => message.or(simulated),
    }
}

/// Returns what is told of a run whose server is gone.
fn why_gone(server: &Server, run: &Run, remains: &Remains) -> Option<String> {
    let own_fault = matches!(run.state, RunState::Killing { .. });
    if let Some(culprit) = server.killed_for.as_ref().filter(|_| !own_fault) {
        return Some(culprit.to_string());
    }
    let own = remains.last_lines.of(run.instance);
    match (run.state, remains.exit) {
        (RunState::Waiting, Some(exit)) => Some(told(server, run.class, Failed::Ended(exit), own)),
        (RunState::Waiting, None) => Some(told(server, run.class, Failed::NotStarted(own), "")),
        (
            RunState::Delivered | RunState::Running | RunState::Cancelling { .. } | RunState::Killing { .. },
            _,
        ) => (!own.is_empty()).then(|| own.into()),
    }
}
