//! The world of a test around the real core, whose effects are performed in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::mem::take;
use std::path::PathBuf;
use std::sync::{Arc, Weak};

use oncue_core::{
    Answer, Broker, Effects, Event, Exit, FactKind, FamilyName, InstanceId, Moment, Reading, Record, Refusal,
    Request, RequestId, ServerId, Settings, TaskId,
};
use oncue_wire::Watched;
use tokio::sync::mpsc::UnboundedSender;
use zbus::message::Message;

use super::hub::Hub;
use super::journal::Journal;
use super::package::Main;
use super::process::{Process, ProcessId};
use super::time::Time;
use super::zones::Zones;
use crate::broker::dial::By;

/// Identifies a connection; never reused within a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct PeerId(pub(super) u64);

/// One connection.
pub(super) struct Peer {
    pub(super) process: ProcessId,
    pub(super) by: By,
    outbox: UnboundedSender<Message>,
    /// Its task server, once it has registered a class.
    pub(super) server: Option<ServerId>,
    pub(super) watching: Option<Watched>,
}

/// A run in progress.
pub(super) struct Run {
    pub(super) task: TaskId,
    pub(super) name: Arc<str>,
    /// The server that received it.
    pub(super) server: Option<ServerId>,
    pub(super) entered: bool,
    /// Whether it waits for a server that never registers its class.
    pub(super) silent: bool,
}

/// Everything in a test.
pub(super) struct World {
    pub(super) core: Broker,
    pub(super) now: Moment,
    pub(super) journal: Journal,
    /// How often the broker has been restarted.
    pub(super) epoch: u32,
    pub(super) settings: Settings,
    /// The code of each package's servers.
    pub(super) mains: BTreeMap<FamilyName, Vec<Main>>,
    pub(super) processes: BTreeMap<ProcessId, Process>,
    pub(super) peers: HashMap<PeerId, Peer>,
    pub(super) runs: BTreeMap<InstanceId, Run>,
    /// The tasks whose runs take time.
    pub(super) lasting: BTreeSet<TaskId>,
    pub(super) pinned: BTreeMap<FactKind, Reading>,
    /// The tasks for which a source watches something.
    pub(super) watched: BTreeSet<TaskId>,
    pub(super) zones: Zones,
    pub(super) asleep: bool,
    /// The messages that arrived while the machine slept.
    pub(super) unheard: Vec<(PeerId, Message)>,
    /// The folder with the packages' data.
    pub(super) data: PathBuf,
    pub(super) questions: HashMap<RequestId, (PeerId, Message)>,
    pub(super) answer: Option<Result<Answer, Refusal>>,
    pub(super) follow_up: VecDeque<Event>,
    last_number: u64,
    pub(super) hub: Weak<Hub>,
    time: Arc<Time>,
}

impl Peer {
    pub(super) fn new(process: ProcessId, by: By, outbox: UnboundedSender<Message>) -> Self {
        Self { process, by, outbox, server: None, watching: None }
    }

    pub(super) fn send(&self, message: Message) {
        // A receiver that is gone needs nothing more.
        let _ = self.outbox.send(message);
    }
}

impl World {
    pub(super) fn new(now: Moment, settings: Settings, hub: Weak<Hub>, time: Arc<Time>) -> Self {
        let zones = Zones::utc();
        Self {
            core: Broker::new(settings.clone(), SEED, 0).with_calendar(zones.clone()),
            zones,
            now,
            journal: Journal::default(),
            epoch: 0,
            settings,
            mains: BTreeMap::new(),
            processes: BTreeMap::new(),
            peers: HashMap::new(),
            runs: BTreeMap::new(),
            lasting: BTreeSet::new(),
            pinned: BTreeMap::new(),
            watched: BTreeSet::new(),
            asleep: false,
            unheard: Vec::new(),
            data: PathBuf::new(),
            questions: HashMap::new(),
            answer: None,
            follow_up: VecDeque::new(),
            last_number: 0,
            hub,
            time,
        }
    }

    /// Passes an event to the core, and performs its effects and everything that follows.
    pub(super) fn handle(&mut self, event: Event) {
        let effects = self.core.handle(self.now, event);
        self.keep(effects);
        while let Some(event) = self.follow_up.pop_front() {
            let effects = self.core.handle(self.now, event);
            self.keep(effects);
        }
        self.time.moved();
    }

    pub(super) fn keep(&mut self, effects: Effects) {
        let Effects { at_once, records, after } = effects;
        self.follow_runs(&records);
        for effect in at_once {
            self.perform(effect);
        }
        let told = after.iter().any(|effect| self.is_told(effect));
        self.journal.write(records, told);
        for effect in after {
            self.perform(effect);
        }
    }

    /// Makes a request to the core on behalf of the test.
    pub(super) fn ask(&mut self, what: Request) -> Result<Answer, Refusal> {
        let request = RequestId(self.number());
        self.handle(Event::Asked { request, what });
        self.answer.take().unwrap_or(Err(Refusal::Stopping))
    }

    /// Makes a request to the core on behalf of a client, which gets the answer.
    pub(super) fn ask_for(&mut self, peer: PeerId, call: &Message, what: Request) {
        let request = RequestId(self.number());
        self.questions.insert(request, (peer, call.clone()));
        self.handle(Event::Asked { request, what });
    }

    /// Creates a process of a package.
    pub(super) fn process(
        &mut self,
        package: FamilyName,
        started: Option<(ServerId, usize)>,
    ) -> (ProcessId, &mut Process) {
        let id = ProcessId(self.number());
        let process = Process::new(id, package, started, &self.hub, &self.time);
        (id, self.processes.entry(id).or_insert(process))
    }

    pub(super) fn process_of(&self, server: ServerId) -> Option<ProcessId> {
        let is_it = |process: &Process| process.started.is_some_and(|(started, _)| started == server);
        self.processes.iter().find(|(_, process)| is_it(process)).map(|(id, _)| *id)
    }

    /// Ends the process of a started server, unless it has already ended.
    pub(super) fn ends(&mut self, id: ProcessId, exit: Exit, last_lines: String) {
        if let Some((server, _)) = self.cut_off(id).and_then(|process| process.started) {
            self.handle(Event::ServerExited { server, exit, last_lines: last_lines.into() });
        }
    }

    pub(super) fn cut_off(&mut self, id: ProcessId) -> Option<Process> {
        self.peers.retain(|_, peer| peer.process != id);
        self.processes.remove(&id)
    }

    /// Ends all processes, without telling the broker.
    pub(super) fn end_all(&mut self) -> BTreeMap<ProcessId, Process> {
        self.peers.clear();
        self.questions.clear();
        self.unheard.clear();
        self.watched.clear();
        self.runs.clear();
        take(&mut self.processes)
    }

    fn follow_runs(&mut self, records: &[Record]) {
        for record in records {
            match record {
                Record::RunBegan { instance, task, name, package, .. } => {
                    let silent = self.is_silent(*task, package);
                    let (task, name) = (*task, name.clone());
                    self.runs.insert(*instance, Run { task, name, server: None, entered: false, silent });
                }
                Record::Ended(entry) => drop(self.runs.remove(&entry.instance)),
                Record::PackageAdded(_)
                | Record::PackageRemoved(_)
                | Record::TaskRegistered { .. }
                | Record::TaskReplaced { .. }
                | Record::TaskRemoved(_)
                | Record::Held { .. }
                | Record::UsedUp { .. }
                | Record::Health { .. }
                | Record::AccessSet { .. }
                | Record::Paused { .. }
                | Record::Resumed(_)
                | Record::SessionBegan(_)
                | Record::Clocks(_) => {}
            }
        }
    }

    fn is_silent(&self, task: TaskId, package: &FamilyName) -> bool {
        let class = self.core.view(self.now, task).and_then(|view| view.action.class());
        let exe = class.and_then(|class| self.core.package(package)?.server_of(class));
        let main = exe.and_then(|exe| self.mains.get(package)?.get(exe));
        matches!(main, Some(Main::Silent))
    }

    /// Accepts a connection of a running process.
    pub(super) fn connected(&mut self, peer: Peer) -> Option<PeerId> {
        self.processes.contains_key(&peer.process).then(|| {
            let id = PeerId(self.number());
            self.peers.insert(id, peer);
            id
        })
    }

    /// A connection has closed; one that the world has cut off no longer exists.
    pub(super) fn closed(&mut self, id: PeerId) {
        let server = self.peers.remove(&id).and_then(|peer| peer.server);
        if let Some(server) = server {
            self.handle(Event::ServerDisconnected { server });
        }
    }

    pub(super) fn number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }
}

/// Generates the same ids in every test.
pub(super) const SEED: u64 = 7;
