//! Carries out what the core wants, and nothing else.

use oncue_core::{Activation, Event, Notice, ServerId, TaskId};
use oncue_core::{Effect, FamilyName};
use oncue_wire::names::server as server_methods;
use oncue_wire::{Watched, convert, say};
use serde::Serialize;

use crate::event_loop::Loop;
use crate::front::PeerId;
use crate::launch::{is_short, unstarted};

impl Loop {
    pub(crate) fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Launch { server, package, exe } => self.launch(server, &package, exe),
            Effect::Deliver { server, activation } => self.deliver(server, &activation),
            Effect::TellCancel { server, instance, reason } => {
                self.tell(server, server_methods::CANCEL, &(instance.to_string(), reason as u32));
            }
            Effect::Kill { server } => self.kill(server),
            Effect::Watch { task, watch } => self.watches.begin(task, watch),
            Effect::Unwatch { task } => self.watches.end(task),
            Effect::Reply { request, answer } => self.answer(request, answer),
            Effect::Announce(notice) => self.announce(&notice),
            Effect::LetSleep => drop(self.delays.sleep.take()),
            Effect::LetSessionEnd => drop(self.delays.shutdown.take()),
            Effect::Leave => self.left = true,
        }
    }

    fn launch(&mut self, server: ServerId, package: &FamilyName, exe: usize) {
        let why = match self.packages.get(package) {
            None => format!("package {package} has no files"),
            Some(files) => match (&files.problem, files.servers.get(exe)) {
                (Some(problem), _) => problem.clone(),
                (None, None) => format!("package {package} has no task server {exe}"),
                (None, Some(program)) => {
                    tracing::debug!(?server, "starting {program}");
                    match self.processes.start(server, program, &files.location, &self.inbox) {
                        Ok(()) => {
                            let program = program.to_string();
                            return self.handle(Event::ServerStarted { server, program });
                        }
                        Err(error) if is_short(&error) => {
                            tracing::warn!("starting {program}: {error}; trying again later");
                            let (server, why) = (Some(server), format!("starting {program}: {error}"));
                            return self.handle(Event::Short { server, why });
                        }
                        Err(error) => {
                            return unstarted::explain(server, program, &files.location, error, &self.inbox);
                        }
                    }
                }
            },
        };
        tracing::warn!("{why}; its runs end as not activated");
        self.handle(Event::LaunchFailed { server, why });
    }

    fn deliver(&mut self, server: ServerId, activation: &Activation) {
        self.delivered = true;
        self.processes.hand_over(server, activation.instance);
        self.tell(server, server_methods::RUN, &convert::activation(activation));
    }

    /// Sends a task server a call that needs no answer.
    fn tell<B: Serialize + zbus::DynamicType>(&mut self, server: ServerId, method: &'static str, body: &B) {
        let Some(peer) = self.reached_by.get(&server).copied() else { return };
        match say::to_server(method, body) {
            Ok(message) => self.send(peer, message),
            Err(error) => tracing::error!("writing {method}: {error}; not sent"),
        }
    }

    fn kill(&mut self, server: ServerId) {
        if self.processes.has(server) {
            return self.processes.kill(server);
        }
        let peer = self.reached_by.get(&server).and_then(|id| self.peers.get(id));
        if let Some(Err(error)) = peer.map(|peer| self.processes.kill_joined(&peer.process)) {
            tracing::warn!(?server, "killing a task server: {error}; waiting for its end");
        }
    }

    fn announce(&mut self, notice: &Notice) {
        if let Notice::Ended(entry) = notice {
            self.processes.run_ended(entry.instance);
        }
        let watching: Vec<PeerId> = (self.peers.iter())
            .filter(|(_, peer)| match (&peer.watching, &peer.caller) {
                (None, _) => false,
                (Some(Watched::All), _) => true,
                (Some(Watched::Own), Some(caller)) => {
                    self.package_of(notice).is_some_and(|of| caller.may_steer(&of))
                }
                (Some(Watched::Own), None) => false,
            })
            .map(|(id, _)| *id)
            .collect();
        if watching.is_empty() {
            return;
        }
        match say::signal(notice) {
            Ok(message) => watching.into_iter().for_each(|peer| self.send(peer, message.clone())),
            Err(error) => tracing::error!("writing a notice: {error}; not sent"),
        }
    }

    fn package_of(&self, notice: &Notice) -> Option<FamilyName> {
        let of = |task: TaskId| self.core.package_of(task).cloned();
        match notice {
            Notice::Ended(entry) => Some(entry.package.clone()),
            Notice::TaskChanged(task)
            | Notice::TaskRemoved(task)
            | Notice::RunEntered { task, .. }
            | Notice::RunProgressed { task, .. } => of(*task),
        }
    }
}
