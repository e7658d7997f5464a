//! Performs the effects that the core wants: each is passed to one owner.

use oncue_core::{Activation, Effect, FamilyName, Guid, ServerId};
use oncue_wire::{convert, order};

use super::{Loop, Phase};
use crate::output::Run;
use crate::promise::After;

impl Loop {
    pub(super) fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Launch { server, package, exe } => self.launch(server, &package, exe),
            Effect::Start { server, command, activation, priority } => {
                if let Some(event) = self.hosts.start(server, command, activation, priority) {
                    self.handle(event);
                }
            }
            Effect::Await { server, instance, task, name, package } => {
                self.hosts.wait(server, Run { instance, task, name, package });
            }
            Effect::Deliver { server, class, activation } => self.deliver(server, class, &activation),
            Effect::Terminate { server } => self.hosts.terminate(server),
            Effect::KillRest { server, after } => self.hosts.kill_rest(server, after),
            Effect::TellCancel { server, instance, reason } => {
                let (instance_id, reason) = (instance.to_string(), reason as u32);
                self.front.tell(server, &order::Cancel { instance_id, reason });
            }
            Effect::Kill { server } => self.hosts.kill(server, self.front.process_of(server)),
            Effect::Watch { task, watch } => self.watches.begin(task, watch),
            Effect::Unwatch { task } => self.watches.end(task),
            Effect::Reply { request, answer } => {
                let (core, packages, place) = (&self.core, self.hosts.packages(), &self.place);
                let package = |family: &_| Some(packages.info(core.package(family)?, core, place));
                self.front.answer(request, answer, package);
            }
            Effect::Announce { package, notice } => self.front.announce(&package, &notice),
            Effect::LetSleep => self.delays.let_sleep(),
            Effect::LetSessionEnd => self.delays.let_shut_down(),
            Effect::StartAtLogIn { wanted } => self.at_log_in.want(wanted),
            Effect::NotifyUser(entry) => self.notifier.tell(&entry),
            Effect::Leave => self.phase = Phase::Left,
            Effect::HandOver => {
                self.hands_over = true;
                self.phase = Phase::Left;
            }
        }
    }

    pub(super) fn launch(&mut self, server: ServerId, package: &FamilyName, exe: usize) {
        if let Some(event) = self.hosts.launch(server, package, exe) {
            self.handle(event);
        }
    }

    fn deliver(&mut self, server: ServerId, class: Guid, activation: &Activation) {
        self.delivered = true;
        self.hosts.hand_over(server, activation);
        self.front.tell(server, &order::Run { activation: convert::activation(class, activation) });
    }

    /// Performs what waited for records.
    pub(super) fn say(&mut self, after: Vec<After>) {
        for after in after {
            match after {
                After::Effect(effect) => self.perform(effect),
                After::Reply(reply) => self.front.reply(reply),
                After::Refusal(request, refused) => self.front.refuse(request, &refused),
            }
        }
    }
}
