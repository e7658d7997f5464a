//! The life of task servers: class objects are registered and revoked, and processes end.

use alloc::string::String;
use alloc::vec::Vec;

use oncue_types::{Answer, ClassObject, Exit, FamilyName, Moment, Refusal, ServerId};

use crate::broker::Broker;
use crate::effect::{Effect, Effects};
use crate::last_lines::LastLines;
use crate::run::{Remains, RunKey};
use crate::server::Culprit;
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
        self.check_class(&package, object.class)?;
        let limit = self.settings.limits.classes_per_server;
        let cookie = self.servers.register(server, &package, object, limit)?;
        self.machine.obstacles.server_came_up(&package);
        if !object.suspended {
            self.timers.clear(Timer::Exit(server));
            self.serve_waiting(now, &package, object.class, out);
        }
        Ok(Answer::ClassRegistered(cookie))
    }

    /// Resumes a server's suspended class objects, all before the first is used. Has no effect the second
    /// time.
    pub(super) fn resume_classes(
        &mut self,
        now: Moment,
        server: ServerId,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        if let Some((package, resumed)) = self.servers.resume(server)? {
            self.timers.clear(Timer::Exit(server));
            for class in resumed {
                self.serve_waiting(now, &package, class, out);
            }
        }
        Ok(Answer::Done)
    }

    /// Answers whether an idle server may leave. After a yes, every activation goes to another server, so
    /// that none is lost between the answer and the end of the process.
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

    /// Handles a closed connection. A server that joined is gone with its connection; one that was started is
    /// gone when its process has ended.
    pub(super) fn disconnected(&mut self, now: Moment, server: ServerId, out: &mut Effects) {
        match server {
            ServerId::Joined(_) => {
                let last_lines = "the process closed its connection".into();
                self.server_gone(now, server, &Remains { exit: None, last_lines }, out);
            }
            ServerId::Launched(_) if self.servers.get(server).is_some() => {
                self.servers.leave(server);
                let until = now.boot.after(self.settings.grace);
                self.timers.set(Timer::Exit(server), until);
            }
            ServerId::Launched(_) => {}
        }
    }

    /// Kills the server of a run because of what the run did.
    pub(super) fn kill_for(&mut self, key: RunKey, did: &'static str, out: &mut Effects) {
        let run = &self.runs[key];
        if let Some(server) = run.server {
            let culprit = Culprit { run: run.instance, task: run.name.clone(), did };
            self.kill(server, Some(culprit), out);
        }
    }

    /// Kills the servers among these that were started and have no run.
    pub(super) fn kill_idle(&mut self, servers: &[ServerId], out: &mut Effects) {
        for server in servers.iter().copied() {
            let idle = self.servers.get(server).is_some_and(|known| known.runs.is_empty());
            if idle && matches!(server, ServerId::Launched(_)) {
                self.kill(server, None, out);
            }
        }
    }

    /// Kills starting servers that are no longer needed.
    pub(super) fn kill_unneeded(&mut self, out: &mut Effects) {
        let unneeded: Vec<ServerId> = self.servers.unneeded().collect();
        self.kill_idle(&unneeded, out);
    }

    /// Kills a server that closed its connection but has not ended in time, or one that is no longer needed
    /// and has not come up.
    pub(super) fn had_its_time(&mut self, server: ServerId, out: &mut Effects) {
        self.kill(server, None, out);
    }

    /// Has a server killed, once.
    fn kill(&mut self, server: ServerId, because_of: Option<Culprit>, out: &mut Effects) {
        if self.servers.kill(server, because_of) {
            out.at_once.push(Effect::Kill { server });
        }
    }
}
