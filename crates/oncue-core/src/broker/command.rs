//! Runs of commands: the process is the run. It is entered when the process exists, and ends with it.
//!
//! A command never gets strikes, and so is never quarantined: unlike a task server, which would be started
//! again and again, it is only started when its trigger fires.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;

use oncue_types::{
    Answer, Command, Exit, InstanceId, Moment, Notice, Outcome, Priority, Refusal, ServerId, TaskId, TaskSpec,
};

use crate::broker::Broker;
use crate::broker::activation::{Failed, told};
use crate::broker::end::End;
use crate::effect::{Effect, Effects};
use crate::run::{Remains, Run, RunKey, RunState};
use crate::server::Server;

impl Broker {
    /// Starts a command. Its process is handled like a server that gets only this run.
    pub(super) fn start_command(&mut self, key: RunKey, command: Arc<Command>, out: &mut Effects) {
        let server = self.ids.server();
        self.servers.admit(server, self.runs[key].package.clone(), None);
        self.assign(key, server);
        let activation = self.activation(key);
        let priority = self.priority_of(key);
        out.at_once.push(Effect::Start { server, command, activation, priority });
    }

    /// Returns the priority of a run's processes.
    fn priority_of(&self, key: RunKey) -> Priority {
        let policy = self.runs[key].of.and_then(|task| self.tasks[task].policy());
        policy.map(|policy| policy.priority).unwrap_or_default()
    }

    /// Notes that a process was started. If it is that of a command, its run has been entered.
    pub(super) fn process_started(
        &mut self,
        now: Moment,
        server: ServerId,
        program: String,
        out: &mut Effects,
    ) {
        self.servers.started(server, program);
        if let Some(key) = self.command_of(server)
            && self.runs[key].state == RunState::Waiting
        {
            self.machine.obstacles.task_came_up(self.runs[key].task);
            self.runs[key].state = RunState::Delivered;
            self.enter(now, key, out);
        }
    }

    /// Returns the run whose process this is, if it is that of a command.
    pub(super) fn command_of(&self, server: ServerId) -> Option<RunKey> {
        let key = *self.servers.get(server)?.runs.first()?;
        self.runs[key].action.command().map(|_| key)
    }

    /// Notes what a command says about its run: how far it has come, and what it is doing.
    pub(super) fn report_progress(
        &mut self,
        instance: InstanceId,
        value: Option<u32>,
        note: Option<Arc<str>>,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        let key = self.runs.key(instance).filter(|key| self.runs[*key].action.command().is_some());
        let run = &mut self.runs[key.ok_or(Refusal::NoSuchRun { instance })?];
        if note.is_some() && run.note != note {
            run.note = note;
            out.announce(&run.package, Notice::TaskChanged(run.task));
        }
        if let Some(value) = value.filter(|_| run.progress != value) {
            run.progress = Some(value);
            let task = run.task;
            out.announce(&run.package, Notice::RunProgressed { task, instance, value });
        }
        Ok(Answer::Done)
    }

    /// Gives a command's task another specification.
    pub(super) fn change(
        &mut self,
        now: Moment,
        id: TaskId,
        spec: TaskSpec,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        self.open_for_new()?;
        let key = self.tasks.asked(id)?;
        let task = &self.tasks[key];
        let package = self.tasks.package_of(task).clone();
        if task.spec().action.command().is_none() {
            return Err(Refusal::NotACommand { name: task.spec().name.to_string(), package });
        }
        let former = task.spec().name.clone();
        self.check_alone(now, &package, &spec)?;
        self.check_chain(&spec, Some(&former))?;
        let is_other = |known: &_| *known != key && self.tasks[*known].spec().group_id() == spec.group_id();
        if self.tasks.named(&package, &spec.name).any(|known| is_other(&known)) {
            return Err(Refusal::NameTaken { name: spec.name.to_string() });
        }
        let name = spec.name.clone();
        let changed = self.replace(now, key, spec, out);
        if former != name {
            self.rename_followed(now, &former, &name, out);
        }
        Ok(changed)
    }
}

/// Returns how a command's run ended, whose process is gone.
pub(super) fn how_ended(command: &Command, run: &Run, server: &Server, remains: &Remains) -> End {
    let own = remains.last_lines.of(run.instance);
    let result = || run.note.as_deref().map(ToString::to_string);
    // What it wrote comes last, because that is where the cause stands.
    let said = match (result(), own) {
        (note, "") => note,
        (None, own) => Some(own.to_string()),
        (Some(note), own) => Some(format!("{note}\n{own}")),
    };
    let end = |outcome, message| End { exit: remains.exit, message, ..End::of(outcome) };
    match (run.state, remains.exit) {
        (RunState::Waiting | RunState::Delivered, exit) => {
            let how = exit.map_or(Failed::NotStarted(own), Failed::Ended);
            end(Outcome::NotActivated, Some(told(server, &run.action, how, own)))
        }
        (RunState::Running, Some(Exit::Code(status))) if command.success.contain(status) => {
            end(Outcome::Completed, result())
        }
        (RunState::Running, Some(Exit::Code(_))) => end(Outcome::Failed, said),
        (RunState::Running, Some(Exit::Signal(_)) | None) => end(Outcome::Crashed, said),
        (RunState::Cancelling { by }, _) => {
            End { reason: Some(by.reason()), ..end(Outcome::Cancelled, said) }
        }
        (RunState::Killing { by }, _) => End { reason: Some(by.reason()), ..end(Outcome::Killed, said) },
    }
}
