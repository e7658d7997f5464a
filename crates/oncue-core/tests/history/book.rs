//! What an observer of the effects notes: who serves, what runs, what was promised.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::machine::Machine;
use oncue_core::{
    Access, Boot, Cookie, Effect, Exit, FamilyName, Guid, InstanceId, Notice, ServerId, Steady, TaskId,
};

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
    /// The runs that a broker began and died before their firing was used up: the next one begins them
    /// again under the same id, or gives them up.
    pub(crate) reborn: BTreeSet<InstanceId>,
    /// When the runs began that wait again since this step.
    pub(crate) again: Vec<Boot>,
    /// How many firings there were.
    pub(crate) fired: u64,
    pub(crate) stopping: bool,
    /// The broker has said that it leaves.
    pub(crate) left: bool,
    /// What the machine is up to.
    pub(crate) machine: Machine,
    /// What the user allows.
    pub(crate) access: BTreeMap<FamilyName, Access>,
    /// How many activations of each task in a row crashed or never registered.
    pub(crate) strikes: BTreeMap<TaskId, u32>,
    /// The attempt that each task is at, and when it is planned for.
    pub(crate) attempts: BTreeMap<TaskId, (u32, Option<Steady>)>,
    /// The servers that are killed because of one of their runs.
    pub(crate) felled: BTreeSet<ServerId>,
    /// The server whose process has ended in this step, and how; killed ones are not noted.
    pub(crate) exited: Option<(ServerId, Exit)>,
    /// The task that is released by hand in this step.
    pub(crate) released: Option<TaskId>,
    /// The task whose replacement is taken back in this step, and what it had crashed before.
    pub(crate) taken_back: Option<(TaskId, u32)>,
    /// Counts the steps.
    pub(crate) step: u64,
}

/// A process that serves.
pub(crate) struct Server {
    pub(crate) package: FamilyName,
    /// Which executable, if the broker started it.
    pub(crate) exe: Option<usize>,
    pub(crate) objects: Vec<Object>,
    /// The classes of which an object of its has ever served.
    pub(crate) offered: BTreeSet<Guid>,
    /// It has ever had a class object, suspended or not.
    pub(crate) had_object: bool,
    /// In which step it was told to get nothing more: it may leave, is cut off, was dismissed or is
    /// being killed.
    pub(crate) done: Option<u64>,
    pub(crate) disconnected: Option<Boot>,
    pub(crate) killed: bool,
    /// In which step it was started or came.
    pub(crate) came_in_step: u64,
}

/// A class object.
#[derive(Clone, Copy)]
pub(crate) struct Object {
    pub(crate) class: Guid,
    pub(crate) single: bool,
    pub(crate) suspended: bool,
    pub(crate) used: bool,
    pub(crate) cookie: Option<Cookie>,
}

/// A run that is alive.
pub(crate) struct Run {
    pub(crate) task: TaskId,
    pub(crate) package: FamilyName,
    pub(crate) class: Guid,
    pub(crate) forced: bool,
    pub(crate) began: Boot,
    pub(crate) began_in_step: u64,
    pub(crate) server: Option<ServerId>,
    pub(crate) entered: bool,
    /// How long it may take to end once it is told to.
    pub(crate) grace: Duration,
    /// When it was told that it is cancelled, and how long it may take then.
    pub(crate) told: Option<(Boot, Duration)>,
}

impl Server {
    /// The broker has heard of it; a peer that never offered anything is nobody yet.
    pub(crate) fn is_known(&self) -> bool {
        self.exe.is_some() || self.had_object
    }
}

impl Book {
    pub(crate) fn admit(&mut self, id: ServerId, package: FamilyName, exe: Option<usize>) {
        let server = Server {
            package,
            exe,
            objects: Vec::new(),
            offered: BTreeSet::new(),
            had_object: false,
            done: None,
            disconnected: None,
            killed: false,
            came_in_step: self.step,
        };
        assert!(!self.gone.contains(&id), "server {id:?} is new");
        assert!(self.servers.insert(id, server).is_none(), "server {id:?} is new");
    }

    /// A server gets nothing more from that step on.
    pub(crate) fn done(&mut self, id: ServerId, step: u64) {
        if let Some(server) = self.servers.get_mut(&id) {
            server.done = server.done.or(Some(step));
        }
    }

    pub(crate) fn goes(&mut self, id: ServerId) {
        if self.servers.remove(&id).is_some() {
            self.gone.push(id);
        }
    }

    /// A process that the broker started ends by itself, or because it was killed.
    pub(crate) fn exits(&mut self, id: ServerId, exit: Exit) {
        let killed = self.servers.get(&id).is_none_or(|server| server.killed);
        self.exited = (!killed && matches!(id, ServerId::Launched(_))).then_some((id, exit));
        self.goes(id);
    }

    /// The broker died: what it started is cut off from its successor.
    pub(crate) fn broker_died(&mut self) {
        self.servers.clear();
        self.gone.clear();
        self.felled.clear();
        self.exited = None;
        self.stopping = false;
        self.left = false;
        self.machine = Machine::default();
    }

    /// Runs whose firing was not used up are to be begun again.
    pub(crate) fn begin_again(&mut self, runs: impl IntoIterator<Item = InstanceId>) {
        for run in runs {
            self.runs.remove(&run);
            self.reborn.insert(run);
        }
    }

    /// The servers that have been handed work or could be.
    pub(crate) fn server_ids(&self) -> Vec<ServerId> {
        self.servers.keys().copied().collect()
    }

    /// The runs that were handed to a server.
    pub(crate) fn handed(&self) -> Vec<(InstanceId, ServerId)> {
        self.runs.iter().filter_map(|(id, run)| run.server.map(|server| (*id, server))).collect()
    }

    /// Notes the id of a run; it must be new, or of one that begins again.
    pub(crate) fn run_id(&mut self, run: InstanceId) {
        if !self.reborn.contains(&run) {
            self.new_id(run.0);
        }
    }

    /// Notes an id; it must be new.
    pub(crate) fn new_id(&mut self, id: Guid) {
        assert!(self.ids.insert(id), "id {id} was never given before");
    }
}

/// What an effect tells, and whose watchers.
pub(super) fn announced(effect: &Effect) -> Option<(&FamilyName, &Notice)> {
    if let Effect::Announce { package, notice } = effect { Some((package, notice)) } else { None }
}
