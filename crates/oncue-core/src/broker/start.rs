//! Starting a run: finds its class object, or starts the server that will register it.

use alloc::collections::BTreeSet;
use alloc::format;

use oncue_types::{
    Action, Activation, FamilyName, Firing, Guid, InstanceId, Moment, Notice, Outcome, ServerId,
};

use crate::broker::Broker;
use crate::broker::activation::{Failed, told, unserved};
use crate::effect::{Effect, Effects};
use crate::record::{Record, UsedUp};
use crate::run::{Run, RunKey, RunState};
use crate::server::Server;
use crate::tasks::TaskKey;
use crate::timers::Timer;

impl Broker {
    /// Begins a run for `firing`. The task is armed, and its condition has been judged.
    pub(super) fn start(&mut self, now: Moment, key: TaskKey, firing: Firing, out: &mut Effects) {
        let instance = firing.begun.map_or_else(|| self.ids.instance(), |begun| begun.run);
        let others = firing.untold() - 1;
        let firing = Firing { begun: None, ..firing };
        let next_due = self.next_due(now, key);
        let task = &self.tasks[key];
        let id = task.id();
        let run = Run {
            instance,
            task: id,
            of: Some(key),
            name: task.spec().name.clone(),
            package: self.tasks.package_of(task).clone(),
            action: task.spec().action.clone(),
            firing,
            server: None,
            started_at: None,
            progress: None,
            note: None,
            simulated: self.facts.simulated(),
            time_limit: task.policy().and_then(|policy| policy.time_limit),
            grace: task.policy().and_then(|policy| policy.grace).unwrap_or(self.settings.grace),
            state: RunState::Waiting,
        };
        out.records.push(Record::RunBegan {
            instance,
            task: id,
            name: run.name.clone(),
            package: run.package.clone(),
            firing: run.firing.clone(),
            next_due,
        });
        if others > 0 {
            let joined = Firing { count: others, ..run.firing.clone() };
            let why = format!("joined the firing that run {instance} answers");
            self.end_without_run(now, key, joined, Outcome::Coalesced, why, out);
        }
        out.announce(&run.package, Notice::TaskChanged(id));
        let run = self.runs.insert(run);
        self.tasks.begin(key, run);
        self.circles.run_begins(now.boot, &self.tasks[key]);
        self.queues.run_begins(&self.tasks[key], instance);
        self.timers.set(Timer::Activation(run), now.boot.after(self.settings.activation_timeout));
        self.activate(now, run, out);
    }

    /// Has a waiting run performed.
    fn activate(&mut self, now: Moment, key: RunKey, out: &mut Effects) {
        match self.runs[key].action.clone() {
            Action::Class(class) => self.activate_class(now, key, class, out),
            Action::Command(command) => self.start_command(key, command, out),
        }
    }

    /// Assigns a waiting run to a registered class object, to a starting server, or to a new one.
    fn activate_class(&mut self, now: Moment, key: RunKey, class: Guid, out: &mut Effects) {
        let run = &self.runs[key];
        if let Some(server) = self.servers.take_object(&run.package, class) {
            self.assign(key, server);
            self.deliver(key, server, class, out);
            return;
        }
        let Some(exe) = self.packages.server_of(&run.package, class) else {
            let why = format!("package {} no longer declares class {class}", run.package);
            self.end_not_activated(now, key, why, out);
            return;
        };
        let package = run.package.clone();
        let server = self.servers.starting(&package, exe).unwrap_or_else(|| self.launch(package, exe, out));
        self.assign(key, server);
        let Run { instance, task, name, package, .. } = &self.runs[key];
        let (name, package) = (name.clone(), package.clone());
        out.at_once.push(Effect::Await { server, instance: *instance, task: *task, name, package });
    }

    fn launch(&mut self, package: FamilyName, exe: usize, out: &mut Effects) -> ServerId {
        let server = self.ids.server();
        self.servers.admit(server, package.clone(), Some(exe));
        out.at_once.push(Effect::Launch { server, package, exe });
        server
    }

    /// Handles a new class object: the runs that wait for it are delivered or, if it serves only one of them,
    /// wait for another server.
    pub(super) fn serve_waiting(
        &mut self,
        now: Moment,
        package: &FamilyName,
        class: Guid,
        out: &mut Effects,
    ) {
        let waits = |run: &Run| {
            run.state == RunState::Waiting && run.action.class() == Some(class) && run.package == *package
        };
        for instance in self.runs.ids(waits) {
            if let Some(key) = self.runs.key(instance) {
                self.unassign(now, key);
                self.activate(now, key, out);
            }
        }
        self.judge_served(now, class, out);
    }

    fn deliver(&mut self, key: RunKey, server: ServerId, class: Guid, out: &mut Effects) {
        self.runs[key].state = RunState::Delivered;
        let activation = self.activation(key);
        out.at_once.push(Effect::Deliver { server, class, activation });
    }

    /// Describes a run to whatever performs it.
    pub(super) fn activation(&self, key: RunKey) -> Activation {
        let run = &self.runs[key];
        let spec = run.of.map(|task| self.tasks[task].spec());
        Activation {
            instance: run.instance,
            task: run.task,
            name: run.name.clone(),
            group: spec.and_then(|spec| spec.group.as_deref()).cloned(),
            trigger: spec.map(|spec| spec.trigger.clone()),
            firing: run.firing.clone(),
        }
    }

    pub(super) fn entered(&mut self, now: Moment, server: ServerId, instance: InstanceId, out: &mut Effects) {
        if let Some(key) = self.runs.handed_to(server, instance) {
            self.enter(now, key, out);
        }
    }

    /// Notes that a run was entered: its firing is used up.
    pub(super) fn enter(&mut self, now: Moment, key: RunKey, out: &mut Effects) {
        let run = &mut self.runs[key];
        let instance = run.instance;
        if run.started_at.is_some() {
            return;
        }
        out.records.push(Record::UsedUp { instance, by: UsedUp::Entered });
        run.started_at = Some(now.wall);
        if run.state == RunState::Delivered {
            run.state = RunState::Running;
        }
        self.timers.clear(Timer::Activation(key));
        if let Some(limit) = run.time_limit {
            self.timers.set(Timer::TimeLimit(key), now.boot.after(limit));
        }
        let task = run.task;
        out.announce(&run.package, Notice::RunEntered { task, instance });
        out.announce(&run.package, Notice::TaskChanged(task));
    }

    pub(super) fn activation_too_late(&mut self, now: Moment, key: RunKey, out: &mut Effects) {
        let run = &self.runs[key];
        let limit = self.settings.activation_timeout;
        let (how, did) = match run.state {
            RunState::Waiting => (Failed::Late(limit), "waited too long for its class"),
            RunState::Delivered => (Failed::NotEntered(limit), "was not entered in time"),
            RunState::Running | RunState::Cancelling { .. } | RunState::Killing { .. } => return,
        };
        let server = run.server.and_then(|server| self.servers.get(server));
        if let (Some(id), Some(true)) = (run.server, server.map(Server::is_pending)) {
            return self.not_made_in_time(now, key, id, out);
        }
        let message = match server {
            Some(server) => told(server, &run.action, how, server.wrote.of(run.instance)),
            None => unserved(&run.action),
        };
        self.kill_for(key, did, out);
        if !self.was_short(now, key, out) {
            self.end_not_activated(now, key, message, out);
        }
    }

    /// Returns the servers with runs that were not entered yet; their output may be needed for an error
    /// message.
    pub fn awaited_servers(&self) -> BTreeSet<ServerId> {
        let awaited = |run: &&Run| matches!(run.state, RunState::Waiting | RunState::Delivered);
        self.runs.iter().filter(awaited).filter_map(|run| run.server).collect()
    }

    pub(super) fn assign(&mut self, run: RunKey, server: ServerId) {
        self.runs[run].server = Some(server);
        self.servers.assign(server, run);
        self.timers.clear(Timer::Exit(server));
    }

    /// Detaches a run from its server. A starting server that is no longer needed has the run's grace to come
    /// up.
    pub(super) fn unassign(&mut self, now: Moment, key: RunKey) {
        let run = &mut self.runs[key];
        if let Some(server) = run.server.take()
            && self.servers.unassign(server, key)
        {
            self.timers.set(Timer::Exit(server), now.boot.after(run.grace));
        }
    }
}
