//! What an observer of the effects notes: who serves, what runs, what was promised.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use oncue_core::{Boot, Cookie, FamilyName, Guid, InstanceId, ServerId, TaskId};

/// The notes.
#[derive(Default)]
pub(crate) struct Book {
    /// The servers whose process is there.
    pub(crate) servers: BTreeMap<ServerId, Server>,
    /// The servers of this broker's life that are gone.
    pub(crate) gone: Vec<ServerId>,
    /// The runs that are alive.
    pub(crate) runs: BTreeMap<InstanceId, Run>,
    /// The runs that are over, each with the server that had it.
    pub(crate) over: Vec<(InstanceId, Option<ServerId>)>,
    /// The tasks whose registration was answered and not taken back.
    pub(crate) promised: BTreeSet<TaskId>,
    /// The tasks that are no longer registered.
    pub(crate) unregistered: Vec<TaskId>,
    /// Every id of a task or a firing that was ever seen.
    pub(crate) ids: BTreeSet<Guid>,
    /// How many firings there were.
    pub(crate) fired: u64,
    pub(crate) stopping: bool,
}

/// A process that serves.
pub(crate) struct Server {
    pub(crate) package: FamilyName,
    /// Which executable, if the broker started it.
    pub(crate) exe: Option<usize>,
    pub(crate) objects: Vec<Object>,
    /// It has offered a class object, once at least.
    pub(crate) up: bool,
    /// It must get nothing more: it may leave, is cut off, was dismissed or is being killed.
    pub(crate) done: bool,
    pub(crate) disconnected: Option<Boot>,
    pub(crate) killed: bool,
}

/// A class object.
#[derive(Clone, Copy)]
pub(crate) struct Object {
    pub(crate) class: Guid,
    pub(crate) single: bool,
    pub(crate) used: bool,
    pub(crate) cookie: Option<Cookie>,
}

/// A run that is alive.
pub(crate) struct Run {
    pub(crate) task: TaskId,
    pub(crate) package: FamilyName,
    pub(crate) forced: bool,
    pub(crate) began: Boot,
    pub(crate) server: Option<ServerId>,
    pub(crate) entered: bool,
    /// When it was told that it is cancelled, and how long it may take then.
    pub(crate) told: Option<(Boot, Duration)>,
}

impl Server {
    /// The broker has heard of it; a peer that never offered anything is nobody yet.
    pub(crate) fn is_known(&self) -> bool {
        self.exe.is_some() || self.up
    }
}

impl Book {
    pub(crate) fn admit(&mut self, id: ServerId, package: FamilyName, exe: Option<usize>) {
        let server = Server {
            package,
            exe,
            objects: Vec::new(),
            up: false,
            done: false,
            disconnected: None,
            killed: false,
        };
        assert!(!self.gone.contains(&id), "server {id:?} is new");
        assert!(self.servers.insert(id, server).is_none(), "server {id:?} is new");
    }

    /// A server gets nothing more.
    pub(crate) fn done(&mut self, id: ServerId) {
        if let Some(server) = self.servers.get_mut(&id) {
            server.done = true;
        }
    }

    pub(crate) fn goes(&mut self, id: ServerId) {
        if self.servers.remove(&id).is_some() {
            self.gone.push(id);
        }
    }

    /// The broker died: what it started is cut off from its successor.
    pub(crate) fn broker_died(&mut self) {
        self.servers.clear();
        self.gone.clear();
        self.stopping = false;
    }

    /// The servers that have been handed work or could be.
    pub(crate) fn server_ids(&self) -> Vec<ServerId> {
        self.servers.keys().copied().collect()
    }

    /// The runs that were handed to a server.
    pub(crate) fn handed(&self) -> Vec<(InstanceId, ServerId)> {
        self.runs.iter().filter_map(|(id, run)| run.server.map(|server| (*id, server))).collect()
    }

    /// Notes an id; it must be new.
    pub(crate) fn new_id(&mut self, id: Guid) {
        assert!(self.ids.insert(id), "id {id} was never given before");
    }
}
