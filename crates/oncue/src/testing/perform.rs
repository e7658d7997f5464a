//! Performs the core's effects in memory, and nothing else.

use oncue_core::{
    Activation, Answer, Effect, Event, Exit, FamilyName, Guid, LastLines, Notice, Refusal, RequestId,
    ServerId,
};
use oncue_wire::{Member, Watched, convert, order, say};

use super::package::Main;
use super::world::{Peer, World};

/// `SIGKILL`, see signal(7).
const KILLED: i32 = 9;

impl World {
    pub(super) fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Launch { server, package, exe } => self.launch(server, &package, exe),
            Effect::Start { server, .. } => {
                let why = "the test kit starts no commands".to_owned();
                self.follow_up.push_back(Event::LaunchFailed { server, why });
            }
            Effect::Deliver { server, class, activation } => self.deliver(server, class, &activation),
            Effect::TellCancel { server, instance, reason } => {
                let (instance_id, reason) = (instance.to_string(), reason as u32);
                self.tell(server, &order::Cancel { instance_id, reason });
            }
            Effect::Terminate { server } | Effect::KillRest { server, .. } | Effect::Kill { server } => {
                self.kill(server)
            }
            Effect::Watch { task, .. } => drop(self.watched.insert(task)),
            Effect::Unwatch { task } => drop(self.watched.remove(&task)),
            Effect::Reply { request, answer } => self.reply(request, answer),
            Effect::Announce { package, notice } => self.announce(&package, &notice),
            // The test does not wait for these: it lets everything settle by itself.
            Effect::NotifyUser(_)
            | Effect::LetSleep
            | Effect::LetSessionEnd
            | Effect::StartAtLogIn { .. }
            | Effect::Leave
            | Effect::HandOver => {}
            // Nobody keeps what a thread of the test writes.
            Effect::Await { .. } => {}
        }
    }

    fn launch(&mut self, server: ServerId, package: &FamilyName, exe: usize) {
        let main = self.mains.get(package).and_then(|mains| mains.get(exe)).cloned().unwrap_or(Main::Missing);
        let started = match (&main, self.hub.upgrade()) {
            (Main::Missing, _) | (_, None) => Err("the test gives this task server no code".to_owned()),
            (_, Some(hub)) => {
                let (id, process) = self.process(package.clone(), Some((server, exe)));
                process.runs_code = matches!(main, Main::Code(_));
                hub.start(id, process, &main).map_err(|error| format!("no thread for it: {error}"))
            }
        };
        if let Err(why) = started {
            self.follow_up.push_back(Event::LaunchFailed { server, why });
        }
    }

    fn deliver(&mut self, server: ServerId, class: Guid, activation: &Activation) {
        if let Some(run) = self.runs.get_mut(&activation.instance) {
            run.server = Some(server);
        }
        self.tell(server, &order::Run { activation: convert::activation(class, activation) });
    }

    fn tell<M: Member>(&self, server: ServerId, order: &M) {
        let peer = self.peers.values().find(|peer| peer.server == Some(server));
        if let (Some(peer), Ok(message)) = (peer, say::to_server(order)) {
            peer.send(message);
        }
    }

    /// Cuts off a server: its thread cannot be killed, but its messages are ignored.
    fn kill(&mut self, server: ServerId) {
        let killed = Exit::Signal(KILLED);
        if let Some(id) = self.process_of(server) {
            self.cut_off(id);
            self.follow_up.push_back(Event::ServerExited {
                server,
                exit: killed,
                last_lines: LastLines::default(),
            });
        } else {
            self.peers.retain(|_, peer| peer.server != Some(server));
            self.follow_up.push_back(Event::ServerDisconnected { server });
        }
    }

    fn reply(&mut self, request: RequestId, answer: Result<Answer, Refusal>) {
        let Some((peer, call)) = self.questions.remove(&request) else {
            self.answer = Some(answer);
            return;
        };
        let written = match answer {
            Ok(answer) => say::answer(&call, answer, |_| None),
            Err(refusal) => say::refusal(&call, &refusal.into()),
        };
        if let (Some(peer), Ok(message)) = (self.peers.get(&peer), written) {
            peer.send(message);
        }
    }

    fn announce(&mut self, package: &FamilyName, notice: &Notice) {
        if let Notice::RunEntered { instance, .. } = notice
            && let Some(run) = self.runs.get_mut(instance)
        {
            run.entered = true;
        }
        if let Ok(message) = say::signal(notice, None) {
            self.watching(package).for_each(|peer| peer.send(message.clone()));
        }
    }

    /// Whether performing this effect tells somebody something that a loss of power must not undo.
    pub(super) fn is_told(&self, effect: &Effect) -> bool {
        match effect {
            Effect::Reply { .. } => true,
            Effect::Announce { package, .. } => self.watching(package).next().is_some(),
            Effect::Launch { .. }
            | Effect::Start { .. }
            | Effect::Await { .. }
            | Effect::Deliver { .. }
            | Effect::Terminate { .. }
            | Effect::KillRest { .. }
            | Effect::TellCancel { .. }
            | Effect::Kill { .. }
            | Effect::Watch { .. }
            | Effect::Unwatch { .. }
            | Effect::NotifyUser(_)
            | Effect::LetSleep
            | Effect::LetSessionEnd
            | Effect::StartAtLogIn { .. }
            | Effect::Leave
            | Effect::HandOver => false,
        }
    }

    fn watching<'w>(&'w self, package: &'w FamilyName) -> impl Iterator<Item = &'w Peer> {
        self.peers.values().filter(move |peer| match peer.watching {
            None => false,
            Some(Watched::All) => true,
            Some(Watched::Own) => {
                let of = self.processes.get(&peer.process).map(|process| &process.package);
                of == Some(package)
            }
        })
    }
}
