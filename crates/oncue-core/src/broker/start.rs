//! Starting a run: find its class object, or start the server that will register it.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

use crate::broker::Broker;
use crate::broker::activation::{Failed, told};
use crate::due::Due;
use crate::effect::{Activation, Effect, Effects, Notice};
use crate::guid::Guid;
use crate::id::{InstanceId, ServerId, TaskId};
use crate::moment::Moment;
use crate::record::{Record, UsedUp};
use crate::run::{Outcome, Run, RunState};
use crate::server::Server;
use crate::task::{Firing, Phase};
use crate::timers::Timer;

impl Broker {
    /// Begins a run that answers `firing`; the task is armed and its condition has been judged.
    pub(super) fn start(&mut self, now: Moment, id: TaskId, firing: Firing, out: &mut Effects) {
        let instance = firing.begun.map_or_else(|| self.ids.instance(), |begun| begun.run);
        let others = Firing { count: firing.untold() - 1, begun: None, ..firing.clone() };
        let firing = Firing { begun: None, ..firing };
        let next_due = self.tasks.get(&id).map_or(Due::Never, |task| self.next_due(now, task));
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        task.phase = Phase::Active { instance, next: None };
        let policy = task.spec.policy.as_deref();
        let run = Run {
            instance,
            task: id,
            name: task.spec.name.clone(),
            package: task.package.clone(),
            class: task.spec.class,
            firing,
            server: None,
            started_at: None,
            progress: None,
            simulated: self.facts.simulated(),
            time_limit: policy.and_then(|policy| policy.time_limit),
            grace: policy.and_then(|policy| policy.grace).unwrap_or(self.settings.grace),
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
        if others.count > 0 {
            let whose = format!("joined the firing that run {instance} answers");
            self.end_without_run(now, id, others, Outcome::Coalesced, whose, out);
        }
        out.announce(&run.package, Notice::TaskChanged(id));
        self.runs.insert(instance, run);
        self.watch_for_circle(now, id);
        let until = now.boot.after(self.settings.activation_timeout);
        self.timers.set(Timer::Activation(instance), until, Duration::ZERO);
        self.activate(now, instance, out);
    }

    /// Hands a waiting run to a class object that serves, to a server on its way up, or to a new one.
    fn activate(&mut self, now: Moment, instance: InstanceId, out: &mut Effects) {
        let Some(run) = self.runs.get(&instance) else {
            return;
        };
        let (package, class) = (run.package.clone(), run.class);
        if let Some(server) = self.servers.take_object(&package, class) {
            self.assign(instance, server);
            self.deliver(instance, out);
            return;
        }
        let Some(exe) = self.packages.get(&package).and_then(|package| package.server_of(class)) else {
            self.end_not_activated(
                now,
                instance,
                format!("package {package} no longer declares class {class}"),
                out,
            );
            return;
        };
        let server = self.servers.starting(&package, exe).unwrap_or_else(|| {
            let server = self.ids.server();
            self.servers.admit(server, package.clone(), Some(exe));
            out.at_once.push(Effect::Launch { server, package: package.clone(), exe });
            server
        });
        self.assign(instance, server);
    }

    /// A class object appeared: the runs that wait for it are handed over, or, where it serves only
    /// one of them, find another server.
    pub(super) fn serve_waiting(&mut self, now: Moment, server: ServerId, class: Guid, out: &mut Effects) {
        let Some(known) = self.servers.get(server) else {
            return;
        };
        let waiting: Vec<InstanceId> = (self.runs.values())
            .filter(|run| {
                run.state == RunState::Waiting && run.class == class && run.package == known.package
            })
            .map(|run| run.instance)
            .collect();
        for instance in waiting {
            self.unassign(now, instance);
            self.activate(now, instance, out);
        }
        self.judge_served(now, class, out);
    }

    fn deliver(&mut self, instance: InstanceId, out: &mut Effects) {
        let Some(run) = self.runs.get_mut(&instance) else {
            return;
        };
        let Some(server) = run.server else { return };
        run.state = RunState::Delivered;
        let spec = self.tasks.get(&run.task).map(|task| &task.spec);
        let activation = Activation {
            instance,
            task: run.task,
            name: run.name.clone(),
            group: spec.and_then(|spec| spec.group.as_deref()).cloned(),
            class: run.class,
            trigger: spec.map(|spec| spec.trigger.clone()),
            firing: run.firing.clone(),
        };
        out.at_once.push(Effect::Deliver { server, activation });
    }

    pub(super) fn entered(&mut self, now: Moment, server: ServerId, instance: InstanceId, out: &mut Effects) {
        let Some(run) = self.handed_to(server, instance) else {
            return;
        };
        if run.started_at.is_some() {
            return;
        }
        out.records.push(Record::UsedUp { instance, by: UsedUp::Entered });
        run.started_at = Some(now.wall);
        if run.state == RunState::Delivered {
            run.state = RunState::Running;
        }
        let task = run.task;
        out.announce(&run.package, Notice::RunEntered { task, instance });
        out.announce(&run.package, Notice::TaskChanged(task));
        self.timers.clear(Timer::Activation(instance));
        self.limit_time(now, instance);
    }

    /// Returns a run that was handed to that server; whoever speaks of another one is not heard.
    pub(super) fn handed_to(&mut self, server: ServerId, instance: InstanceId) -> Option<&mut Run> {
        let run = self.runs.get_mut(&instance)?;
        (run.server == Some(server) && run.state != RunState::Waiting).then_some(run)
    }

    pub(super) fn activation_too_late(&mut self, now: Moment, instance: InstanceId, out: &mut Effects) {
        let Some(run) = self.runs.get(&instance) else {
            return;
        };
        let pending = run.server.filter(|id| self.servers.get(*id).is_some_and(Server::is_pending));
        if let Some(server) = pending {
            return self.not_made_in_time(now, server, out);
        }
        let limit = self.settings.activation_timeout;
        let (how, did) = match run.state {
            RunState::Waiting => (Failed::Late(limit), "waited too long for its class"),
            RunState::Delivered => (Failed::NotEntered(limit), "was not entered in time"),
            RunState::Running | RunState::Cancelling { .. } | RunState::Killing { .. } => return,
        };
        let server = run.server.and_then(|server| self.servers.get(server));
        let message = match server {
            Some(server) => told(server, run.class, how, server.wrote.of(instance)),
            None => format!("no task server served class {}", run.class),
        };
        self.kill_for(instance, did, out);
        if !self.was_short(now, instance, out) {
            self.end_not_activated(now, instance, message, out);
        }
    }

    /// Returns the servers whose runs were not entered yet: what they write may have to be told.
    pub fn awaited_servers(&self) -> BTreeSet<ServerId> {
        let awaited = |run: &&Run| matches!(run.state, RunState::Waiting | RunState::Delivered);
        self.runs.values().filter(awaited).filter_map(|run| run.server).collect()
    }

    fn assign(&mut self, instance: InstanceId, server: ServerId) {
        if let Some(run) = self.runs.get_mut(&instance) {
            run.server = Some(server);
        }
        if let Some(known) = self.servers.get_mut(server) {
            known.runs.insert(instance);
            self.timers.clear(Timer::Exit(server));
        }
    }

    /// Takes a run away from its server. One on its way up that nobody waits for any more has the
    /// run's grace to come up.
    pub(super) fn unassign(&mut self, now: Moment, instance: InstanceId) {
        let Some(run) = self.runs.get_mut(&instance) else {
            return;
        };
        let grace = run.grace;
        let Some(id) = run.server.take() else { return };
        let Some(server) = self.servers.get_mut(id) else {
            return;
        };
        server.runs.remove(&instance);
        if server.is_unneeded() {
            self.timers.set(Timer::Exit(id), now.boot.after(grace), Duration::ZERO);
        }
    }

    fn limit_time(&mut self, now: Moment, instance: InstanceId) {
        let Some(run) = self.runs.get(&instance) else {
            return;
        };
        if let Some(limit) = run.time_limit {
            self.timers.set(Timer::TimeLimit(instance), now.boot.after(limit), Duration::ZERO);
        }
    }
}
