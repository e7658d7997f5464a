//! Task servers and the class objects that they have registered.

mod served;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::effect::Answer;
use crate::guid::Guid;
use crate::id::{InstanceId, ServerId};
use crate::last_lines::LastLines;
use crate::package::FamilyName;
use crate::refusal::Refusal;
use crate::run::RunKey;

use served::{Served, Serving};

pub(crate) use oncue_types::{ClassObject, ClassUse, Cookie};

/// One task server, from its start until it is gone.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) package: FamilyName,
    /// Which of the package's servers was started; nothing for one that joined.
    exe: Option<usize>,
    pub(crate) objects: BTreeMap<Cookie, ClassObject>,
    pub(crate) runs: BTreeSet<RunKey>,
    pub(crate) phase: ServerPhase,
    /// Its program and arguments, as a person reads them; not known of one that joined.
    pub(crate) program: Option<String>,
    /// What it has written up to the last look.
    pub(crate) wrote: LastLines,
}

/// Where a server stands.
#[derive(Debug)]
pub(crate) enum ServerPhase {
    /// At the last look its process was still being made.
    Pending,
    /// None of its class objects has ever served.
    Starting,
    /// One of its class objects serves or has served.
    Up,
    /// It has said goodbye or closed its connection: it gets nothing more to do.
    Leaving,
    /// It is being killed, because of one of its runs if there is a culprit; the other runs are not to
    /// blame for its end.
    Killed(Option<Culprit>),
}

impl ServerPhase {
    pub(crate) fn is_killed(&self) -> bool {
        matches!(self, Self::Killed(_))
    }

    /// Returns whether it gets nothing more to do.
    fn is_over(&self) -> bool {
        matches!(self, Self::Leaving | Self::Killed(_))
    }

    /// Returns whether it is on its way up.
    fn is_early(&self) -> bool {
        matches!(self, Self::Pending | Self::Starting)
    }

    fn came_up(&mut self) {
        if self.is_early() {
            *self = Self::Up;
        }
    }

    /// Its process is there.
    fn was_made(&mut self) {
        if matches!(self, Self::Pending) {
            *self = Self::Starting;
        }
    }
}

/// A run because of which its server is killed.
#[derive(Clone, Debug)]
pub(crate) struct Culprit {
    pub(crate) run: InstanceId,
    /// The name of its task.
    pub(crate) task: Arc<str>,
    /// What it did, to be read after its name.
    pub(crate) did: &'static str,
}

impl fmt::Display for Culprit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { run, task, did } = self;
        write!(f, "its task server was killed because run {run} of task `{task}` {did}")
    }
}

impl Server {
    /// Returns whether its process was still not there at the last look.
    pub(crate) fn is_pending(&self) -> bool {
        matches!(self.phase, ServerPhase::Pending)
    }

    /// Returns whether it is on its way up and nobody waits for it any more.
    fn is_unneeded(&self) -> bool {
        self.phase.is_early() && self.runs.is_empty()
    }
}

/// All task servers, and who serves which class.
#[derive(Debug, Default)]
pub(crate) struct Servers {
    all: BTreeMap<ServerId, Server>,
    /// The class objects that can be used now.
    served: Served,
    next_cookie: u32,
}

impl Servers {
    pub(crate) fn get(&self, id: ServerId) -> Option<&Server> {
        self.all.get(&id)
    }

    /// Takes in a server that was started or that joined; keeps what is already known of it.
    pub(crate) fn admit(&mut self, id: ServerId, package: FamilyName, exe: Option<usize>) -> &mut Server {
        self.all.entry(id).or_insert_with(|| Server {
            package,
            exe,
            objects: BTreeMap::new(),
            runs: BTreeSet::new(),
            phase: ServerPhase::Starting,
            program: None,
            wrote: LastLines::default(),
        })
    }

    /// A server's process is still being made.
    pub(crate) fn launch_pending(&mut self, id: ServerId) {
        if let Some(known) = self.all.get_mut(&id)
            && matches!(known.phase, ServerPhase::Starting)
            && known.program.is_none()
            && known.objects.is_empty()
        {
            known.phase = ServerPhase::Pending;
        }
    }

    /// A server's process was started.
    pub(crate) fn started(&mut self, id: ServerId, program: String) {
        if let Some(known) = self.all.get_mut(&id) {
            known.phase.was_made();
            known.program = Some(program);
        }
    }

    /// A server has written something.
    pub(crate) fn wrote(&mut self, id: ServerId, last_lines: LastLines) {
        if let Some(known) = self.all.get_mut(&id) {
            known.wrote = last_lines;
        }
    }

    /// Returns a server that is on its way up and will make the classes of that executable.
    pub(crate) fn starting(&self, package: &FamilyName, exe: usize) -> Option<ServerId> {
        let is_it = |server: &Server| {
            server.exe == Some(exe) && server.phase.is_early() && server.package == *package
        };
        self.all.iter().find(|(_, server)| is_it(server)).map(|(id, _)| *id)
    }

    /// Adds a class object of a server that was started, or that joins with it; unless it is suspended
    /// it serves from now on.
    pub(crate) fn register(
        &mut self,
        id: ServerId,
        package: &FamilyName,
        object: ClassObject,
        limit: usize,
    ) -> Result<Cookie, Refusal> {
        if matches!(id, ServerId::Launched(_)) && self.get(id).is_none() {
            return Err(Refusal::ServerLeaving);
        }
        let server = self.admit(id, package.clone(), None);
        if server.phase.is_over() {
            return Err(Refusal::ServerLeaving);
        }
        if server.objects.len() >= limit {
            return Err(Refusal::TooMany { what: "class objects of one process", limit });
        }
        self.next_cookie += 1;
        let cookie = Cookie(self.next_cookie);
        if let Some(server) = self.all.get_mut(&id) {
            server.objects.insert(cookie, object);
            server.phase.was_made();
            if !object.suspended {
                server.phase.came_up();
                self.served.add(
                    &server.package,
                    object.class,
                    Serving { server: id, cookie, class_use: object.class_use },
                );
            }
        }
        Ok(cookie)
    }

    /// Lets all suspended class objects of a server serve, in the order in which they were
    /// registered; returns its package and their classes, if there were any.
    pub(crate) fn resume(&mut self, id: ServerId) -> Result<Option<(FamilyName, Vec<Guid>)>, Refusal> {
        let server = match self.all.get_mut(&id) {
            Some(server) if server.phase.is_over() => return Err(Refusal::ServerLeaving),
            Some(server) => server,
            None if matches!(id, ServerId::Launched(_)) => return Err(Refusal::ServerLeaving),
            None => return Ok(None),
        };
        let mut resumed = Vec::new();
        for (cookie, object) in server.objects.iter_mut().filter(|(_, object)| object.suspended) {
            object.suspended = false;
            server.phase.came_up();
            self.served.add(
                &server.package,
                object.class,
                Serving { server: id, cookie: *cookie, class_use: object.class_use },
            );
            resumed.push(object.class);
        }
        Ok((!resumed.is_empty()).then(|| (server.package.clone(), resumed)))
    }

    /// Takes back a class object.
    pub(crate) fn revoke(&mut self, id: ServerId, cookie: Cookie) -> Result<Answer, Refusal> {
        let unknown = Refusal::UnknownCookie { cookie: cookie.0 };
        let server = self.all.get_mut(&id).filter(|server| !server.phase.is_over()).ok_or(unknown.clone())?;
        let object = server.objects.remove(&cookie).ok_or(unknown)?;
        self.served.remove(&server.package, object.class, cookie);
        Ok(Answer::Done)
    }

    /// Returns the server that serves `class` now; a single-use object is used up by that.
    pub(crate) fn take_object(&mut self, package: &FamilyName, class: Guid) -> Option<ServerId> {
        let Serving { server, cookie, class_use } = self.served.latest(package, class)?;
        match class_use {
            ClassUse::Multiple => {}
            ClassUse::Single => self.served.remove(package, class, cookie),
        }
        Some(server)
    }

    /// Returns whether a class object is there to be used.
    pub(crate) fn serves(&self, package: &FamilyName, class: Guid) -> bool {
        self.served.latest(package, class).is_some()
    }

    /// Gives a run to a server.
    pub(crate) fn assign(&mut self, id: ServerId, run: RunKey) {
        if let Some(server) = self.all.get_mut(&id) {
            server.runs.insert(run);
        }
    }

    /// Takes a run away from a server; returns whether the server is unneeded by that.
    pub(crate) fn unassign(&mut self, id: ServerId, run: RunKey) -> bool {
        self.all.get_mut(&id).is_some_and(|server| {
            server.runs.remove(&run);
            server.is_unneeded()
        })
    }

    /// Makes a server get nothing more to do.
    pub(crate) fn leave(&mut self, id: ServerId) {
        let Some(server) = self.all.get_mut(&id).filter(|server| !server.phase.is_over()) else { return };
        server.phase = ServerPhase::Leaving;
        // They stay with the server, so that it can be told which it had registered.
        for (cookie, object) in &server.objects {
            self.served.remove(&server.package, object.class, *cookie);
        }
    }

    /// Makes a server get nothing more to do because it is to be killed; returns whether the word for
    /// that is still to be given. A server that is being killed already goes down by its own fault.
    pub(crate) fn kill(&mut self, id: ServerId, because_of: Option<Culprit>) -> bool {
        self.leave(id);
        let Some(server) = self.all.get_mut(&id).filter(|server| !server.phase.is_killed()) else {
            return false;
        };
        server.phase = ServerPhase::Killed(because_of);
        true
    }

    /// Gives the servers of a package nothing more to do.
    pub(crate) fn dismiss_all_of(&mut self, package: &FamilyName) -> Vec<ServerId> {
        let theirs = self.all.iter().filter(|(_, server)| server.package == *package);
        let theirs: Vec<ServerId> = theirs.map(|(id, _)| *id).collect();
        for server in &theirs {
            self.leave(*server);
        }
        theirs
    }

    /// Returns the servers that are on their way up and that nobody waits for any more.
    pub(crate) fn unneeded(&self) -> impl Iterator<Item = ServerId> {
        self.all.iter().filter(|(_, server)| server.is_unneeded()).map(|(id, _)| *id)
    }

    /// Forgets a server that is gone.
    pub(crate) fn remove(&mut self, id: ServerId) -> Option<Server> {
        self.leave(id);
        self.all.remove(&id)
    }
}
