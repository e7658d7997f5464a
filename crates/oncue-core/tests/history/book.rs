//! What an observer of the effects notes: which servers serve, what runs, what was promised.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::machine::Machine;
use oncue_core::{
    Access, Boot, Cookie, Effect, Exit, FamilyName, Guid, InstanceId, Notice, PauseScope, ServerId, Steady,
    TaskId,
};

/// The notes.
#[derive(Default)]
pub(crate) struct Book {
    /// The servers whose process exists.
    pub(crate) servers: BTreeMap<ServerId, Server>,
    /// The servers that have ended since this broker started.
    pub(crate) gone: Vec<ServerId>,
    /// The runs that are alive.
    pub(crate) runs: BTreeMap<InstanceId, Run>,
    /// The runs that have ended, each with its server.
    pub(crate) over: Vec<(InstanceId, Option<ServerId>)>,
    /// The tasks whose registration was confirmed and not taken back.
    pub(crate) promised: BTreeSet<TaskId>,
    /// The tasks that are no longer registered.
    pub(crate) unregistered: Vec<TaskId>,
    /// Every id of a task or a firing seen so far.
    pub(crate) ids: BTreeSet<Guid>,
    /// The runs whose firing was not used up before their broker died. The next broker begins them again with
    /// the same id, or drops them.
    pub(crate) reborn: BTreeSet<InstanceId>,
    /// When the runs began that wait again since this step.
    pub(crate) again: Vec<Boot>,
    /// How many firings there were.
    pub(crate) fired: u64,
    pub(crate) stopping: bool,
    /// Whether the broker has announced that it leaves.
    pub(crate) left: bool,
    /// The state of the machine.
    pub(crate) machine: Machine,
    /// What the user allows.
    pub(crate) access: BTreeMap<FamilyName, Access>,
    /// What the user has paused.
    pub(crate) paused: BTreeSet<PauseScope>,
    /// How many activations in a row of each task crashed or never registered.
    pub(crate) strikes: BTreeMap<TaskId, u32>,
    /// Which retry each task is at, and when it is due.
    pub(crate) attempts: BTreeMap<TaskId, (u32, Option<Steady>)>,
    /// The servers that are killed because of one of their runs.
    pub(crate) felled: BTreeSet<ServerId>,
    /// The server whose process has ended in this step, and how. Killed servers are not noted.
    pub(crate) exited: Option<(ServerId, Exit)>,
    /// The task that the user releases in this step.
    pub(crate) released: Option<TaskId>,
    /// The task whose replacement is taken back in this step, and its crashes before.
    pub(crate) taken_back: Option<(TaskId, u32)>,
    /// Counts the steps.
    pub(crate) step: u64,
}

/// A process that serves.
pub(crate) struct Server {
    pub(crate) package: FamilyName,
    /// The index of its executable, if the broker started it.
    pub(crate) exe: Option<usize>,
    pub(crate) objects: Vec<Object>,
    /// The classes of which it ever had a usable object.
    pub(crate) offered: BTreeSet<Guid>,
    /// Whether it ever had a class object, suspended or not.
    pub(crate) had_object: bool,
    /// The step since which it gets no more runs, because it may leave, is cut off, was dismissed or is being
    /// killed.
    pub(crate) done: Option<u64>,
    pub(crate) disconnected: Option<Boot>,
    pub(crate) killed: bool,
    /// The step in which it was started or joined.
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
    /// How long it has to end when it is cancelled.
    pub(crate) grace: Duration,
    /// When it was told that it is cancelled, and how long it had then.
    pub(crate) told: Option<(Boot, Duration)>,
}

impl Server {
    /// Returns whether the broker knows the server. A peer that never registered anything is unknown.
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

    /// Notes that a server gets no more runs from this step on.
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

    /// Notes that a process that the broker started has ended or was killed.
    pub(crate) fn exits(&mut self, id: ServerId, exit: Exit) {
        let killed = self.servers.get(&id).is_none_or(|server| server.killed);
        self.exited = (!killed && matches!(id, ServerId::Launched(_))).then_some((id, exit));
        self.goes(id);
    }

    /// Notes that the broker died. The servers that it started cannot reach its successor.
    pub(crate) fn broker_died(&mut self) {
        self.servers.clear();
        self.gone.clear();
        self.felled.clear();
        self.exited = None;
        self.stopping = false;
        self.left = false;
        self.machine = Machine::default();
    }

    /// Notes that runs whose firing was not used up are to begin again.
    pub(crate) fn begin_again(&mut self, runs: impl IntoIterator<Item = InstanceId>) {
        for run in runs {
            self.runs.remove(&run);
            self.reborn.insert(run);
        }
    }

    /// Returns the servers that have runs or could get them.
    pub(crate) fn server_ids(&self) -> Vec<ServerId> {
        self.servers.keys().copied().collect()
    }

    /// Returns the runs that were delivered, with their servers.
    pub(crate) fn handed(&self) -> Vec<(InstanceId, ServerId)> {
        self.runs.iter().filter_map(|(id, run)| run.server.map(|server| (*id, server))).collect()
    }

    /// Notes the id of a run. It must be new, or that of a run that begins again.
    pub(crate) fn run_id(&mut self, run: InstanceId) {
        if !self.reborn.contains(&run) {
            self.new_id(run.0);
        }
    }

    /// Notes an id, which must be new.
    pub(crate) fn new_id(&mut self, id: Guid) {
        assert!(self.ids.insert(id), "id {id} was never given before");
    }
}

/// Returns what an effect announces, and for which package.
pub(super) fn announced(effect: &Effect) -> Option<(&FamilyName, &Notice)> {
    if let Effect::Announce { package, notice } = effect { Some((package, notice)) } else { None }
}
