//! Task servers and the class objects that they have registered.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::guid::Guid;
use crate::id::{InstanceId, ServerId};
use crate::last_lines::LastLines;
use crate::package::FamilyName;

pub(crate) use oncue_types::{ClassObject, ClassUse, Cookie};

/// One task server, from its start until it is gone.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) package: FamilyName,
    /// Which of the package's servers was started; nothing for one that joined.
    pub(crate) exe: Option<usize>,
    pub(crate) objects: BTreeMap<Cookie, ClassObject>,
    pub(crate) runs: BTreeSet<InstanceId>,
    /// One of its class objects serves or has served: it is no longer on its way up.
    pub(crate) up: bool,
    /// It has said goodbye, closed its connection or is being killed: it gets nothing more to do.
    pub(crate) leaving: bool,
    /// Because of which of its runs it is being killed; the others are not to blame for its end.
    pub(crate) killed_for: Option<Culprit>,
    /// The word to kill it has been given.
    pub(crate) doomed: bool,
    /// At the last look its process was still being made.
    pub(crate) pending: bool,
    /// Its program and arguments, as a person reads them; not known of one that joined.
    pub(crate) program: Option<String>,
    /// What it has written up to the last look.
    pub(crate) wrote: LastLines,
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
        self.pending && self.program.is_none() && self.objects.is_empty()
    }

    /// Nobody waits any more for what is on its way up.
    pub(crate) fn is_unneeded(&self) -> bool {
        !self.up && !self.leaving && self.runs.is_empty()
    }
}

/// All task servers, and who serves which class.
#[derive(Debug, Default)]
pub(crate) struct Servers {
    all: BTreeMap<ServerId, Server>,
    /// The class objects that can be used now, the latest last: that one serves.
    objects: BTreeMap<(FamilyName, Guid), Vec<(ServerId, Cookie)>>,
    next_cookie: u32,
}

impl Servers {
    pub(crate) fn get(&self, id: ServerId) -> Option<&Server> {
        self.all.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: ServerId) -> Option<&mut Server> {
        self.all.get_mut(&id)
    }

    /// Takes in a server that was started or that joined; keeps what is already known of it.
    pub(crate) fn admit(&mut self, id: ServerId, package: FamilyName, exe: Option<usize>) -> &mut Server {
        self.all.entry(id).or_insert_with(|| Server {
            package,
            exe,
            objects: BTreeMap::new(),
            runs: BTreeSet::new(),
            up: false,
            leaving: false,
            killed_for: None,
            doomed: false,
            pending: false,
            program: None,
            wrote: LastLines::default(),
        })
    }

    /// Returns a server that is on its way up and will make `class`.
    pub(crate) fn starting(&self, package: &FamilyName, exe: usize) -> Option<ServerId> {
        let mut launched = self.all.iter().filter(|(_, server)| {
            server.exe == Some(exe) && server.package == *package && !server.up && !server.leaving
        });
        launched.next().map(|(id, _)| *id)
    }

    /// Adds a class object; unless it is suspended it serves from now on.
    pub(crate) fn add_object(&mut self, id: ServerId, object: ClassObject) -> Option<Cookie> {
        let server = self.all.get_mut(&id)?;
        self.next_cookie += 1;
        let cookie = Cookie(self.next_cookie);
        server.objects.insert(cookie, object);
        if !object.suspended {
            server.up = true;
            self.objects.entry((server.package.clone(), object.class)).or_default().push((id, cookie));
        }
        Some(cookie)
    }

    /// Lets all suspended class objects of a server serve, in the order in which they were
    /// registered; returns their classes.
    pub(crate) fn resume_objects(&mut self, id: ServerId) -> Vec<Guid> {
        let Some(server) = self.all.get_mut(&id) else {
            return Vec::new();
        };
        let mut resumed = Vec::new();
        for (cookie, object) in server.objects.iter_mut().filter(|(_, object)| object.suspended) {
            object.suspended = false;
            server.up = true;
            self.objects.entry((server.package.clone(), object.class)).or_default().push((id, *cookie));
            resumed.push(object.class);
        }
        resumed
    }

    /// Takes back a class object; returns whether the server had it.
    pub(crate) fn remove_object(&mut self, id: ServerId, cookie: Cookie) -> bool {
        let Some(server) = self.all.get_mut(&id).filter(|server| !server.leaving) else {
            return false;
        };
        let Some(object) = server.objects.remove(&cookie) else {
            return false;
        };
        let key = (server.package.clone(), object.class);
        self.forget(&key, cookie);
        true
    }

    /// Returns the server that serves `class` now; a single-use object is used up by that.
    pub(crate) fn take_object(&mut self, package: &FamilyName, class: Guid) -> Option<ServerId> {
        let (id, cookie) = *self.objects.get(&(package.clone(), class))?.last()?;
        let object = self.all.get(&id).and_then(|server| server.objects.get(&cookie));
        if object.is_some_and(|object| object.class_use == ClassUse::Single) {
            self.forget(&(package.clone(), class), cookie);
        }
        Some(id)
    }

    /// Returns whether a class object is there to be used.
    pub(crate) fn serves(&self, package: &FamilyName, class: Guid) -> bool {
        self.objects.contains_key(&(package.clone(), class))
    }

    /// Makes a server get nothing more to do.
    pub(crate) fn leave(&mut self, id: ServerId) {
        let Some(server) = self.all.get_mut(&id) else {
            return;
        };
        server.leaving = true;
        // They stay with the server, so that it can be told which it had registered.
        let objects: Vec<(Cookie, Guid)> =
            server.objects.iter().map(|(cookie, object)| (*cookie, object.class)).collect();
        let package = server.package.clone();
        for (cookie, class) in objects {
            self.forget(&(package.clone(), class), cookie);
        }
    }

    /// Forgets a server that is gone.
    pub(crate) fn remove(&mut self, id: ServerId) -> Option<Server> {
        self.leave(id);
        self.all.remove(&id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (ServerId, &Server)> {
        self.all.iter().map(|(id, server)| (*id, server))
    }

    fn forget(&mut self, key: &(FamilyName, Guid), cookie: Cookie) {
        if let Some(objects) = self.objects.get_mut(key) {
            objects.retain(|(_, known)| *known != cookie);
            if objects.is_empty() {
                self.objects.remove(key);
            }
        }
    }
}
