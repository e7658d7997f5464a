//! The end of a firing: it gets exactly one ledger entry, then the task is armed, judged again or retired.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString as _};
use core::time::Duration;

use oncue_types::{
    CancellationReason, Exit, Firing, InstanceId, Last, LedgerEntry, Moment, Notice, Notify, Outcome,
    ServerId,
};

use crate::broker::Broker;
use crate::broker::activation::{Failed, told};
use crate::broker::command::how_ended;
use crate::broker::health::Verdict;
use crate::due::Due;
use crate::effect::{Effect, Effects};
use crate::record::Record;
use crate::run::{Remains, Run, RunKey, RunState};
use crate::server::{Server, ServerPhase};
use crate::tasks::TaskKey;
use crate::timers::Timer;

/// How a run ended.
#[derive(Debug)]
pub(super) struct End {
    pub(super) outcome: Outcome,
    pub(super) reason: Option<CancellationReason>,
    pub(super) exit: Option<Exit>,
    pub(super) message: Option<String>,
    /// Whether another run of the same server caused this end.
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
        let Some(key) = self.runs.handed_to(server, instance) else { return };
        let run = &mut self.runs[key];
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
        let Some(key) = self.runs.handed_to(server, instance) else { return };
        let message = result.err();
        let end = match self.runs[key].state {
            RunState::Cancelling { by } | RunState::Killing { by } => {
                End { reason: Some(by.reason()), message, ..End::of(Outcome::Cancelled) }
            }
            RunState::Waiting | RunState::Delivered | RunState::Running => {
                let outcome = if message.is_some() { Outcome::Failed } else { Outcome::Completed };
                End { message, ..End::of(outcome) }
            }
        };
        self.end(now, key, end, out);
    }

    /// Ends the runs of a server whose process has ended.
    pub(super) fn server_gone(
        &mut self,
        now: Moment,
        server: ServerId,
        remains: &Remains,
        out: &mut Effects,
    ) {
        self.timers.clear(Timer::Exit(server));
        let Some(gone) = self.part_with(server) else { return };
        // Processes that a server leaves behind continue if the server succeeded. If it failed, they would
        // continue work that the ledger lists as ended.
        let in_good_order = match gone.runs.first().map(|run| &self.runs[*run]) {
            None => remains.exit == Some(Exit::Code(0)),
            Some(run) => run
                .action
                .command()
                .is_some_and(|command| how_ended(command, run, &gone, remains).outcome == Outcome::Completed),
        };
        if remains.exit.is_some() && !in_good_order && !gone.phase.is_killed() {
            out.at_once.push(match self.rest_of_grace(now, &gone) {
                Some(after) => Effect::KillRest { server, after },
                None => Effect::Kill { server },
            });
        }
        for key in gone.runs.iter().copied() {
            if self.was_short(now, key, out) {
                continue;
            }
            let run = &self.runs[key];
            if let Some(command) = run.action.command() {
                let end = how_ended(command, run, &gone, remains);
                self.end(now, key, end, out);
                continue;
            }
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
            let (exit, bystander) = (remains.exit, matches!(gone.phase, ServerPhase::Killed(Some(_))));
            self.end(now, key, End { outcome, reason, exit, message, bystander }, out);
        }
    }

    /// Returns how long the processes that a cancelled command has started still have to end.
    fn rest_of_grace(&self, now: Moment, gone: &Server) -> Option<Duration> {
        let key = *gone.runs.first()?;
        self.runs[key].action.command()?;
        Some(self.timers.grace(key)?.since(now.boot))
    }

    /// Forgets a server; its runs no longer have one.
    pub(super) fn part_with(&mut self, server: ServerId) -> Option<Server> {
        let gone = self.servers.remove(server)?;
        for run in &gone.runs {
            self.runs[*run].server = None;
        }
        Some(gone)
    }

    pub(super) fn end_not_activated(&mut self, now: Moment, run: RunKey, why: String, out: &mut Effects) {
        let end = End { message: Some(why), ..End::of(Outcome::NotActivated) };
        self.end(now, run, end, out);
    }

    /// Ends a run: writes its entry, detaches it from its server, and lets its task continue.
    pub(super) fn end(&mut self, now: Moment, key: RunKey, end: End, out: &mut Effects) {
        self.unassign(now, key);
        self.timers.clear_run(key);
        let run = self.runs.remove(key);
        let verdict = Verdict::of(&run, &end);
        let whose = (run.task, run.name.clone(), run.package.clone());
        let entry = LedgerEntry {
            started_at: run.started_at,
            reason: end.reason,
            progress: run.progress,
            exit: end.exit,
            message: noted(end.message, run.simulated),
            ..LedgerEntry::of(run.instance, whose, &run.firing, end.outcome, now.wall)
        };
        let notify = self.notify_about(run.of);
        // Only commands can be followed.
        let told = run.action.command().is_some() || notify.includes(&entry);
        let told = told.then(|| entry.clone());
        self.write(run.of, entry, out);
        self.leave_queue(now, run.instance, out);
        let mut is_final = true;
        if let Some(task) = run.of {
            let wait = self.circles.run_ended(now.boot, run.task);
            self.wait_for_circle(task, wait);
            self.go_on(now, task, verdict, out);
            is_final = self.tasks.get(task).is_none_or(|task| task.health().retry_at.is_none());
        }
        if let Some(entry) = told.filter(|_| is_final) {
            self.tell_of_end(now, entry, notify, out);
        }
    }

    /// Fires the tasks that follow a run that has ended for good, and notifies the user if that is wanted.
    pub(super) fn tell_of_end(&mut self, now: Moment, entry: LedgerEntry, notify: Notify, out: &mut Effects) {
        self.fire_followers(now, &entry, out);
        if notify.includes(&entry) {
            out.after.push(Effect::NotifyUser(Box::new(entry)));
        }
    }

    /// Returns when the user is notified about runs of a task.
    pub(super) fn notify_about(&self, task: Option<TaskKey>) -> Notify {
        let own = task.and_then(|key| self.tasks[key].policy()?.notify);
        own.unwrap_or(self.settings.notify)
    }

    /// Writes the entry of a firing that did not lead to a run.
    pub(super) fn end_without_run(
        &mut self,
        now: Moment,
        key: TaskKey,
        firing: Firing,
        outcome: Outcome,
        why: impl Into<String>,
        out: &mut Effects,
    ) {
        let instance = firing.begun.map_or_else(|| self.ids.instance(), |begun| begun.run);
        let firing = Firing { count: firing.untold(), ..firing };
        let task = &self.tasks[key];
        let whose = (task.id(), task.spec().name.clone(), self.tasks.package_of(task).clone());
        let message = noted(Some(why.into()), self.facts.simulated());
        let entry = LedgerEntry::of(instance, whose, &firing, outcome, now.wall);
        self.write(Some(key), LedgerEntry { message, ..entry }, out);
    }

    /// Writes an entry, and stores it as the last end of the task if that is still registered.
    pub(super) fn write(&mut self, task: Option<TaskKey>, entry: LedgerEntry, out: &mut Effects) {
        if let Some(task) = task.filter(|_| entry.outcome.is_last()) {
            let LedgerEntry { instance, outcome, ended_at, .. } = entry;
            self.tasks[task].last = Some(Last { instance, outcome, ended_at });
        }
        out.records.push(Record::Ended(Box::new(entry.clone())));
        out.announce(&entry.package.clone(), Notice::Ended(entry));
    }

    /// Continues after a run has ended: judges what has fired in the meantime, or retires a one-shot task.
    fn go_on(&mut self, now: Moment, key: TaskKey, mut verdict: Verdict, out: &mut Effects) {
        let next = self.tasks.finish(key);
        self.tasks.announce_change(key, out);
        // A firing that arrived in the meantime replaces the retry.
        verdict.again &= next.is_none();
        self.take_verdict(now, key, verdict, out);
        match next {
            Some(firing) => self.start_or_hold(now, key, firing, out),
            None => self.retire_one_shot(key, out),
        }
    }

    /// Ends a registration whose trigger never fires again and whose firing is used up.
    pub(super) fn retire_one_shot(&mut self, key: TaskKey, out: &mut Effects) {
        let task = &self.tasks[key];
        if task.due == Due::Never && task.is_armed() && task.health().retry_at.is_none() {
            self.remove_task(key, out);
        }
    }
}

/// Adds to the message of an entry which facts were simulated, so that it is not mistaken for a real
/// condition.
fn noted(message: Option<String>, simulated: Option<String>) -> Option<String> {
    match (message, simulated) {
        (Some(message), Some(simulated)) => Some(format!("{message}; {simulated}")),
        (message, simulated) => message.or(simulated),
    }
}

/// Returns the message for a run whose server is gone.
fn why_gone(server: &Server, run: &Run, remains: &Remains) -> Option<String> {
    let own_fault = matches!(run.state, RunState::Killing { .. });
    if let (ServerPhase::Killed(Some(culprit)), false) = (&server.phase, own_fault) {
        return Some(culprit.to_string());
    }
    let own = remains.last_lines.of(run.instance);
    match (run.state, remains.exit) {
        (RunState::Waiting, Some(exit)) => Some(told(server, &run.action, Failed::Ended(exit), own)),
        (RunState::Waiting, None) => Some(told(server, &run.action, Failed::NotStarted(own), "")),
        (
            RunState::Delivered | RunState::Running | RunState::Cancelling { .. } | RunState::Killing { .. },
            _,
        ) => (!own.is_empty()).then(|| own.into()),
    }
}
