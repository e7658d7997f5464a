//! Task servers come and go: class objects registered, revoked, processes ended.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use crate::broker::Broker;
use crate::effect::{Answer, Effect, Effects};
use crate::id::{InstanceId, ServerId};
use crate::last_lines::LastLines;
use crate::moment::Moment;
use crate::package::FamilyName;
use crate::refusal::Refusal;
use crate::run::{Exit, Remains};
use crate::server::{ClassObject, Cookie, Culprit};
use crate::timers::Timer;

impl Broker {
    pub(super) fn register_class(
        &mut self,
        now: Moment,
        server: ServerId,
        package: FamilyName,
        object: ClassObject,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        let known = self.packages.get(&package).ok_or_else(|| Refusal::UnknownPackage(package.clone()))?;
        if known.server_of(object.class).is_none() {
            return Err(Refusal::ClassNotDeclared { class: object.class, package });
        }
        if matches!(server, ServerId::Launched(_)) && self.servers.get(server).is_none() {
            return Err(Refusal::ServerLeaving);
        }
        let limit = self.settings.limits.classes_per_server;
        let admitted = self.servers.admit(server, package.clone(), None);
        if admitted.leaving {
            return Err(Refusal::ServerLeaving);
        }
        if admitted.objects.len() >= limit {
            return Err(Refusal::TooMany { what: "class objects of one process", limit });
        }
        let cookie = self.servers.add_object(server, object).ok_or(Refusal::ServerLeaving)?;
        self.has_come_up(&package);
        if !object.suspended {
            self.timers.clear(Timer::Exit(server));
            self.serve_waiting(now, server, object.class, out);
        }
        Ok(Answer::ClassRegistered(cookie))
    }

    /// Lets the suspended class objects of a server serve: all of them are there before the first is
    /// used. A second time changes nothing.
    pub(super) fn resume_classes(
        &mut self,
        now: Moment,
        server: ServerId,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        match self.servers.get(server) {
            Some(known) if known.leaving => return Err(Refusal::ServerLeaving),
            None if matches!(server, ServerId::Launched(_)) => return Err(Refusal::ServerLeaving),
            Some(_) | None => {}
        }
        let resumed = self.servers.resume_objects(server);
        if !resumed.is_empty() {
            self.timers.clear(Timer::Exit(server));
        }
        for class in resumed {
            self.serve_waiting(now, server, class, out);
        }
        Ok(Answer::Done)
    }

    pub(super) fn revoke_class(&mut self, server: ServerId, cookie: Cookie) -> Result<Answer, Refusal> {
        if self.servers.remove_object(server, cookie) {
            Ok(Answer::Done)
        } else {
            Err(Refusal::UnknownCookie { cookie: cookie.0 })
        }
    }

    /// A server with nothing to do wants to go. From a yes on, every activation goes elsewhere, so
    /// that none falls between this answer and the end of the process.
    pub(super) fn may_leave(&mut self, server: ServerId) -> Result<Answer, Refusal> {
        let busy = self.servers.get(server).is_some_and(|known| !known.runs.is_empty());
        if !busy {
            self.servers.leave(server);
            self.timers.clear(Timer::Exit(server));
        }
        Ok(Answer::MayLeave(!busy))
    }

    pub(super) fn launch_failed(&mut self, now: Moment, server: ServerId, why: String, out: &mut Effects) {
        self.server_gone(now, server, &Remains { exit: None, last_lines: why.into() }, out);
    }

    pub(super) fn launch_pending(&mut self, server: ServerId) {
        if let Some(known) = self.servers.get_mut(server) {
            known.pending = true;
        }
    }

    pub(super) fn server_started(&mut self, server: ServerId, program: String) {
        if let Some(known) = self.servers.get_mut(server) {
            known.program = Some(program);
        }
    }

    pub(super) fn server_wrote(&mut self, server: ServerId, last_lines: LastLines) {
        if let Some(known) = self.servers.get_mut(server) {
            known.wrote = last_lines;
        }
    }

    pub(super) fn exited(
        &mut self,
        now: Moment,
        server: ServerId,
        exit: Exit,
        last_lines: LastLines,
        out: &mut Effects,
    ) {
        self.server_gone(now, server, &Remains { exit: Some(exit), last_lines }, out);
    }

    /// A joined server is gone with its connection; a started one is, once its process has ended.
    pub(super) fn disconnected(&mut self, now: Moment, server: ServerId, out: &mut Effects) {
        match server {
            ServerId::Joined(_) => {
                let last_lines = "the process closed its connection".into();
                self.server_gone(now, server, &Remains { exit: None, last_lines }, out);
            }
            ServerId::Launched(_) if self.servers.get(server).is_some() => {
                self.servers.leave(server);
                let until = now.boot.after(self.settings.grace);
                self.timers.set(Timer::Exit(server), until, Duration::ZERO);
            }
            ServerId::Launched(_) => {}
        }
    }

    /// Gives the servers of a package nothing more to do.
    pub(super) fn dismiss_servers_of(&mut self, package: &FamilyName) -> Vec<ServerId> {
        let theirs: Vec<ServerId> =
            self.servers.iter().filter(|(_, server)| server.package == *package).map(|(id, _)| id).collect();
        for server in &theirs {
            self.servers.leave(*server);
        }
        theirs
    }

    /// Kills the server of a run because of what that run did.
    pub(super) fn kill_for(&mut self, instance: InstanceId, did: &'static str, out: &mut Effects) {
        let Some(run) = self.runs.get(&instance) else {
            return;
        };
        let Some(server) = run.server else { return };
        let culprit = Culprit { run: instance, task: run.name.clone(), did };
        self.servers.leave(server);
        // One that is being killed already goes down by its own fault.
        if let Some(known) = self.servers.get_mut(server).filter(|known| !known.doomed) {
            known.killed_for = Some(culprit);
        }
        self.doom(server, out);
    }

    /// Kills those of the servers that were started and have no run.
    pub(super) fn kill_idle(&mut self, servers: &[ServerId], out: &mut Effects) {
        for server in servers.iter().copied() {
            let idle = self.servers.get(server).is_some_and(|known| known.runs.is_empty());
            if idle && matches!(server, ServerId::Launched(_)) {
                self.doom(server, out);
            }
        }
    }

    /// Kills what is on its way up and will not be needed any more.
    pub(super) fn kill_unneeded(&mut self, out: &mut Effects) {
        let unneeded = self.servers.iter().filter(|(_, server)| server.is_unneeded());
        let unneeded: Vec<ServerId> = unneeded.map(|(id, _)| id).collect();
        self.kill_idle(&unneeded, out);
    }

    /// A server that closed its connection has not ended in time, or one that nobody waits for any
    /// more has not come up.
    pub(super) fn had_its_time(&mut self, server: ServerId, out: &mut Effects) {
        self.servers.leave(server);
        self.doom(server, out);
    }

    /// Gives the word to kill a server, once.
    fn doom(&mut self, server: ServerId, out: &mut Effects) {
        if let Some(known) = self.servers.get_mut(server).filter(|known| !known.doomed) {
            known.doomed = true;
            out.at_once.push(Effect::Kill { server });
        }
    }
}
