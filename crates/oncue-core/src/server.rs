//! Task servers and the class objects that they have registered.

mod served;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use oncue_types::{Answer, ClassObject, ClassUse, Cookie, FamilyName, Guid, InstanceId, Refusal, ServerId};

use crate::last_lines::LastLines;
use crate::run::RunKey;

use served::{Served, Serving};

/// A task server, from its start until it is gone.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) package: FamilyName,
    /// The index of the server in the package; `None` if it joined by itself.
    exe: Option<usize>,
    pub(crate) objects: BTreeMap<Cookie, ClassObject>,
    pub(crate) runs: BTreeSet<RunKey>,
    pub(crate) phase: ServerPhase,
    /// Its program and arguments, as text for people; unknown if it joined by itself.
    pub(crate) program: Option<String>,
    /// What it has written so far, as last reported.
    pub(crate) wrote: LastLines,
}

/// The state of a server.
#[derive(Debug)]
pub(crate) enum ServerPhase {
    /// When last checked, its process was still being created.
    Pending,
    /// None of its class objects has ever been usable.
    Starting,
    /// At least one of its class objects is or was usable.
    Up,
    /// It has taken its leave or closed its connection, and gets no more runs.
    Leaving,
    /// It is being killed. If one of its runs is the culprit, the others are not to blame.
    Killed(Option<Culprit>),
}

impl ServerPhase {
    pub(crate) fn is_killed(&self) -> bool {
        matches!(self, Self::Killed(_))
    }

    /// Returns whether it gets no more runs.
    fn is_over(&self) -> bool {
        matches!(self, Self::Leaving | Self::Killed(_))
    }

    /// Returns whether it is starting.
    fn is_early(&self) -> bool {
        matches!(self, Self::Pending | Self::Starting)
    }

    fn came_up(&mut self) {
        if self.is_early() {
            *self = Self::Up;
        }
    }

    /// Notes that its process exists.
    fn was_made(&mut self) {
        if matches!(self, Self::Pending) {
            *self = Self::Starting;
        }
    }
}

/// The run because of which a server is killed.
#[derive(Clone, Debug)]
pub(crate) struct Culprit {
    pub(crate) run: InstanceId,
    /// The name of its task.
    pub(crate) task: Arc<str>,
    /// What it did, as text that follows its name.
    pub(crate) did: &'static str,
}

impl fmt::Display for Culprit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { run, task, did } = self;
        write!(f, "its task server was killed because run {run} of task `{task}` {did}")
    }
}

impl Server {
    /// Returns whether its process was still being created when last checked.
    pub(crate) fn is_pending(&self) -> bool {
        matches!(self.phase, ServerPhase::Pending)
    }

    /// Returns whether it is starting and no run waits for it.
    fn is_unneeded(&self) -> bool {
        self.phase.is_early() && self.runs.is_empty()
    }
}

/// All task servers, and which of them serves which class.
#[derive(Debug, Default)]
pub(crate) struct Servers {
    all: BTreeMap<ServerId, Server>,
    /// The usable class objects.
    served: Served,
    next_cookie: u32,
}

impl Servers {
    pub(crate) fn get(&self, id: ServerId) -> Option<&Server> {
        self.all.get(&id)
    }

    /// Adds a server that was started or that joined, unless it is already known.
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

    /// Notes that a server's process is still being created.
    pub(crate) fn launch_pending(&mut self, id: ServerId) {
        if let Some(known) = self.all.get_mut(&id)
            && matches!(known.phase, ServerPhase::Starting)
            && known.program.is_none()
            && known.objects.is_empty()
        {
            known.phase = ServerPhase::Pending;
        }
    }

    /// Notes that a server's process was started.
    pub(crate) fn started(&mut self, id: ServerId, program: String) {
        if let Some(known) = self.all.get_mut(&id) {
            known.phase.was_made();
            known.program = Some(program);
        }
    }

    /// Notes what a server has written.
    pub(crate) fn wrote(&mut self, id: ServerId, last_lines: LastLines) {
        if let Some(known) = self.all.get_mut(&id) {
            known.wrote = last_lines;
        }
    }

    /// Returns a starting server of this executable.
    pub(crate) fn starting(&self, package: &FamilyName, exe: usize) -> Option<ServerId> {
        let is_it = |server: &Server| {
            server.exe == Some(exe) && server.phase.is_early() && server.package == *package
        };
        self.all.iter().find(|(_, server)| is_it(server)).map(|(id, _)| *id)
    }

    /// Registers a class object of a server that was started, or that joins with this. The object is usable
    /// at once, unless it is suspended.
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

    /// Resumes all suspended class objects of a server in the order of their registration; returns the
    /// package and the classes, if there are any.
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

    /// Revokes a class object.
    pub(crate) fn revoke(&mut self, id: ServerId, cookie: Cookie) -> Result<Answer, Refusal> {
        let unknown = Refusal::UnknownCookie { cookie: cookie.0 };
        let server = self.all.get_mut(&id).filter(|server| !server.phase.is_over()).ok_or(unknown.clone())?;
        let object = server.objects.remove(&cookie).ok_or(unknown)?;
        self.served.remove(&server.package, object.class, cookie);
        Ok(Answer::Done)
    }

    /// Returns the server that serves `class` now. This uses up a single-use object.
    pub(crate) fn take_object(&mut self, package: &FamilyName, class: Guid) -> Option<ServerId> {
        let Serving { server, cookie, class_use } = self.served.latest(package, class)?;
        match class_use {
            ClassUse::Multiple => {}
            ClassUse::Single => self.served.remove(package, class, cookie),
        }
        Some(server)
    }

    /// Returns whether there is a usable class object.
    pub(crate) fn serves(&self, package: &FamilyName, class: Guid) -> bool {
        self.served.latest(package, class).is_some()
    }

    /// Assigns a run to a server.
    pub(crate) fn assign(&mut self, id: ServerId, run: RunKey) {
        if let Some(server) = self.all.get_mut(&id) {
            server.runs.insert(run);
        }
    }

    /// Removes a run from a server; returns whether the server is now unneeded.
    pub(crate) fn unassign(&mut self, id: ServerId, run: RunKey) -> bool {
        self.all.get_mut(&id).is_some_and(|server| {
            server.runs.remove(&run);
            server.is_unneeded()
        })
    }

    /// Gives a server no more runs.
    pub(crate) fn leave(&mut self, id: ServerId) {
        let Some(server) = self.all.get_mut(&id).filter(|server| !server.phase.is_over()) else { return };
        server.phase = ServerPhase::Leaving;
        // The server keeps them, so that error messages can say what it had registered.
        for (cookie, object) in &server.objects {
            self.served.remove(&server.package, object.class, *cookie);
        }
    }

    /// Gives a server no more runs because it is to be killed; returns whether that has to be done now. A
    /// server that is already being killed keeps its culprit.
    pub(crate) fn kill(&mut self, id: ServerId, because_of: Option<Culprit>) -> bool {
        self.leave(id);
        let Some(server) = self.all.get_mut(&id).filter(|server| !server.phase.is_killed()) else {
            return false;
        };
        server.phase = ServerPhase::Killed(because_of);
        true
    }

    /// Gives a package's servers no more runs, and returns them.
    pub(crate) fn dismiss_all_of(&mut self, package: &FamilyName) -> Vec<ServerId> {
        let theirs = self.all.iter().filter(|(_, server)| server.package == *package);
        let theirs: Vec<ServerId> = theirs.map(|(id, _)| *id).collect();
        for server in &theirs {
            self.leave(*server);
        }
        theirs
    }

    /// Returns the starting servers for which no run waits.
    pub(crate) fn unneeded(&self) -> impl Iterator<Item = ServerId> {
        self.all.iter().filter(|(_, server)| server.is_unneeded()).map(|(id, _)| *id)
    }

    /// Forgets a server that is gone.
    pub(crate) fn remove(&mut self, id: ServerId) -> Option<Server> {
        self.leave(id);
        self.all.remove(&id)
    }
}
