//! Carries out what the core wants, and nothing else.

use oncue_core::{Activation, Event, Notice, ServerId};
use oncue_core::{Effect, FamilyName};
use oncue_wire::{Member, Watched, convert, order, say};

use crate::event_loop::Loop;
use crate::front::PeerId;
use crate::launch::{Blame, Made, NotMade};
use crate::package::Start;

impl Loop {
    pub(crate) fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Launch { server, package, exe } => self.launch(server, &package, exe),
            Effect::Deliver { server, activation } => self.deliver(server, &activation),
            Effect::TellCancel { server, instance, reason } => {
                let (instance_id, reason) = (instance.to_string(), reason as u32);
                self.tell(server, &order::Cancel { instance_id, reason });
            }
            Effect::Kill { server } => self.kill(server),
            Effect::Watch { task, watch } => self.watches.begin(task, watch),
            Effect::Unwatch { task } => self.watches.end(task),
            Effect::Reply { request, answer } => self.answer(request, answer),
            Effect::Announce { package, notice } => self.announce(&package, &notice),
            Effect::LetSleep => drop(self.delays.sleep.take()),
            Effect::LetSessionEnd => drop(self.delays.shutdown.take()),
            Effect::Leave => self.left = true,
        }
    }

    pub(crate) fn launch(&mut self, server: ServerId, package: &FamilyName, exe: usize) {
        match self.packages.start(package, server, exe) {
            Start::Program(program, folder) => {
                tracing::debug!(?server, "starting {program}");
                let started = self.processes.start(server, package, program, folder, &self.inbox);
                if let Err(error) = started {
                    let (blame, why) = (Blame::Broker, format!("creating a token: {error}"));
                    self.launched(server, Err(NotMade { blame, why }));
                }
            }
            Start::Waits { read: Some(location) } => self.finder.read(package.clone(), location),
            Start::Waits { read: None } => {}
            Start::Impossible(why) => self.launched(server, Err(NotMade::by_program(why))),
        }
    }

    /// A server's process was made, or could not be.
    pub(crate) fn launched(&mut self, server: ServerId, launched: Result<Made, NotMade>) {
        match launched {
            Ok(made) => {
                let program = made.program.clone();
                self.processes.launched(server, made, &self.inbox);
                self.handle(Event::ServerStarted { server, program });
            }
            Err(not_made) => {
                self.processes.not_launched(server);
                if not_made.blame == Blame::FileSystem
                    && let Some(package) = self.core.package_of_server(server)
                {
                    self.packages.out_of_reach(package, &not_made.why);
                }
                self.not_made(server, not_made);
            }
        }
        // What ended meanwhile was left alone: it could have been this process.
        self.processes.reap_orphans();
    }

    /// Tells the core that a server has no process, and who is to blame.
    pub(crate) fn not_made(&mut self, server: ServerId, NotMade { blame, why }: NotMade) {
        match blame {
            Blame::Broker | Blame::FileSystem => tracing::warn!("{why}; retrying later"),
            Blame::Program => tracing::warn!("{why}; its runs end as not activated"),
        }
        self.handle(match blame {
            Blame::Broker => Event::Short { server: Some(server), why },
            Blame::FileSystem => Event::OutOfReach { server, why },
            Blame::Program => Event::LaunchFailed { server, why },
        });
    }

    fn deliver(&mut self, server: ServerId, activation: &Activation) {
        self.delivered = true;
        self.processes.hand_over(server, activation.instance);
        self.tell(server, &order::Run { activation: convert::activation(activation) });
    }

    /// Sends a task server a call that needs no answer.
    fn tell<M: Member>(&mut self, server: ServerId, order: &M) {
        let Some(peer) = self.reached_by.get(&server).copied() else { return };
        match say::to_server(order) {
            Ok(message) => self.send(peer, message),
            Err(error) => tracing::error!("writing {}: {error}; not sent", M::NAME),
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

    fn announce(&mut self, package: &FamilyName, notice: &Notice) {
        if let Notice::Ended(entry) = notice {
            self.processes.run_ended(entry.instance);
        }
        let watching: Vec<PeerId> = (self.peers.iter())
            .filter(|(_, peer)| match (&peer.watching, &peer.caller) {
                (None, _) => false,
                (Some(Watched::All), _) => true,
                (Some(Watched::Own), Some(caller)) => caller.may_steer(package),
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
}
