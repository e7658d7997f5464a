//! Task servers come and go: class objects registered, revoked, processes ended.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use crate::broker::Broker;
use crate::effect::{Answer, Effect, Effects};
use crate::guid::Guid;
use crate::id::ServerId;
use crate::moment::Moment;
use crate::package::FamilyName;
use crate::refusal::Refusal;
use crate::run::{Exit, Remains};
use crate::server::{ClassUse, Cookie};
use crate::timers::Timer;

impl Broker {
    pub(super) fn register_class(
        &mut self,
        now: Moment,
        server: ServerId,
        package: FamilyName,
        class: Guid,
        class_use: ClassUse,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        let known = self.packages.get(&package).ok_or_else(|| Refusal::UnknownPackage(package.clone()))?;
        if known.server_of(class).is_none() {
            return Err(Refusal::ClassNotDeclared { class, package });
        }
        if matches!(server, ServerId::Launched(_)) && self.servers.get(server).is_none() {
            return Err(Refusal::ServerLeaving);
        }
        let limit = self.settings.limits.classes_per_server;
        let admitted = self.servers.admit(server, package, None);
        if admitted.objects.len() >= limit {
            return Err(Refusal::TooMany { what: "class objects of one process", limit });
        }
        if admitted.leaving {
            return Err(Refusal::ServerLeaving);
        }
        let cookie = self.servers.add_object(server, class, class_use).ok_or(Refusal::ServerLeaving)?;
        self.serve_waiting(now, server, class, out);
        Ok(Answer::ClassRegistered(cookie))
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
        }
        Ok(Answer::MayLeave(!busy))
    }

    pub(super) fn launch_failed(&mut self, now: Moment, server: ServerId, why: String, out: &mut Effects) {
        self.server_gone(now, server, &Remains { exit: None, last_lines: why }, out);
    }

    pub(super) fn exited(
        &mut self,
        now: Moment,
        server: ServerId,
        exit: Exit,
        last_lines: String,
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

    /// Kills a server because of one of its runs.
    pub(super) fn kill(&mut self, server: ServerId, out: &mut Effects) {
        self.servers.leave(server);
        if let Some(known) = self.servers.get_mut(server) {
            known.killed = true;
        }
        out.at_once.push(Effect::Kill { server });
    }

    /// Kills those of the servers that were started and have no run.
    pub(super) fn kill_idle(&self, servers: &[ServerId], out: &mut Effects) {
        for server in servers.iter().copied() {
            let idle = self.servers.get(server).is_some_and(|known| known.runs.is_empty());
            if idle && matches!(server, ServerId::Launched(_)) {
                out.at_once.push(Effect::Kill { server });
            }
        }
    }
}
