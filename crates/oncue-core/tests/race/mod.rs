//! Ten thousand activations race with servers that leave after their first completion. Every message takes a
//! random time, and still no firing is lost and none runs twice.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use oncue_core::{
    Answer, ClassObject, ClassUse, Consent, Effect, Effects, Event, ExeServer, Exit, FamilyName, Guid,
    InstanceId, LastLines, Outcome, Package, Record, Register, RegisterMode, Request, RequestId, ServerId,
    Settings, TaskId, TaskSpec, Trigger, Version,
};

use crate::world::World;

const ACTIVATIONS: u64 = 10_000;
const CLASS: Guid = Guid::from_u128(0xc1a5_5001 << 96);
const TASKS: usize = 5;

/// What a server has done that the broker has not heard yet.
enum Said {
    Registers,
    Entered(InstanceId),
    Completed(InstanceId),
    AsksToLeave,
    Exits,
}

/// What the broker has told a server that it has not heard yet.
enum Told {
    Run(InstanceId),
    MayLeave(bool),
}

/// A process that serves until its first run has ended and the broker lets it leave.
#[derive(Default)]
struct Server {
    said: VecDeque<Said>,
    told: VecDeque<Told>,
    runs: Vec<InstanceId>,
    completed: bool,
    /// It has asked to leave and has not heard the answer; a run that completes in the meantime counts as
    /// new.
    asks: bool,
    gone: bool,
}

impl Server {
    /// Receives the next message; returns the run that it now has.
    fn hears(&mut self) -> Option<InstanceId> {
        match self.told.pop_front()? {
            Told::Run(run) => {
                assert!(!self.gone, "a server that has left is handed a run");
                self.said.push_back(Said::Entered(run));
                self.runs.push(run);
                return Some(run);
            }
            Told::MayLeave(false) => {
                self.asks = false;
            }
            Told::MayLeave(true) => {
                assert!(self.runs.is_empty(), "a server with a run may leave");
                self.gone = true;
                self.said.push_back(Said::Exits);
            }
        }
        None
    }

    /// Ends a run, or asks to leave if it has none.
    fn goes_on(&mut self) {
        if let Some(run) = self.runs.pop() {
            self.said.push_back(Said::Completed(run));
            self.completed = true;
        } else if self.completed && !self.asks && !self.gone {
            self.asks = true;
            self.completed = false;
            self.said.push_back(Said::AsksToLeave);
        }
    }
}

struct Race {
    world: World,
    chance: u64,
    servers: BTreeMap<ServerId, Server>,
    tasks: Vec<TaskId>,
    entered: BTreeSet<InstanceId>,
    began: u64,
    ended: u64,
    fired: u64,
    /// How many firings the ended runs stood for.
    answered: u64,
}

impl Race {
    fn new() -> Self {
        let mut race = Self {
            world: World::new(Settings::default()),
            chance: 0x9e37_79b9_7f4a_7c15,
            servers: BTreeMap::new(),
            tasks: Vec::new(),
            entered: BTreeSet::new(),
            began: 0,
            ended: 0,
            fired: 0,
            answered: 0,
        };
        let package = Box::new(Package {
            family: FamilyName::new("app"),
            full_name: "app_1".into(),
            display_name: "app".into(),
            version: Version::new(1, 0, 0, 0),
            location: String::new(),
            servers: vec![ExeServer { classes: vec![CLASS], command: String::new() }],
        });
        race.asks(Request::AddPackage { package, consent: Consent::Offered, vacated: None });
        for name in 0..TASKS {
            let spec = TaskSpec {
                name: format!("task {name}").into(),
                action: CLASS.into(),
                trigger: Trigger::Time { minutes: 43_199, one_shot: false },
                condition: None,
                policy: None,
                group: None,
            };
            let package = FamilyName::new("app");
            race.asks(Request::Register(Box::new(Register { package, spec, mode: RegisterMode::Always })));
        }
        race.tasks = race.world.broker.task_ids(None).collect();
        race
    }

    /// Returns a random number (xorshift64).
    fn below(&mut self, limit: usize) -> usize {
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        usize::try_from(self.chance % limit as u64).expect("it is below the limit")
    }

    fn asks(&mut self, what: Request) {
        self.happens(Event::Asked { request: RequestId(0), what }, None);
    }

    /// Passes an event to the broker, from a server if there is one.
    fn happens(&mut self, event: Event, from: Option<ServerId>) {
        let effects = self.world.handle(event);
        self.note(effects, from);
    }

    fn server_asks(&mut self, server: ServerId, what: Request) {
        self.happens(Event::Asked { request: RequestId(0), what }, Some(server));
    }

    fn note(&mut self, effects: Effects, asker: Option<ServerId>) {
        for record in &effects.records {
            match record {
                Record::RunBegan { .. } => self.began += 1,
                // The run that it joined counts it, too.
                Record::Ended(entry) if entry.outcome == Outcome::Coalesced => {}
                Record::Ended(entry) => {
                    assert_eq!(entry.outcome, Outcome::Completed, "{entry:?}");
                    self.answered += u64::from(entry.firings);
                    self.ended += 1;
                }
                _ => {}
            }
        }
        for effect in effects.at_once.into_iter().chain(effects.after) {
            match effect {
                Effect::Launch { server, .. } => {
                    let said = VecDeque::from([Said::Registers]);
                    self.servers.insert(server, Server { said, ..Server::default() });
                }
                Effect::Deliver { server, activation, .. } => {
                    let server = self.servers.get_mut(&server).expect("a server that is there gets the run");
                    server.told.push_back(Told::Run(activation.instance));
                }
                Effect::Reply { answer: Ok(Answer::MayLeave(may)), .. } => {
                    let server = asker.and_then(|id| self.servers.get_mut(&id));
                    server.expect("who asked is there").told.push_back(Told::MayLeave(may));
                }
                Effect::Reply { answer, .. } => assert!(answer.is_ok(), "{answer:?}"),
                Effect::Announce { .. } | Effect::Await { .. } => {}
                _ => panic!("{effect:?}"),
            }
        }
    }

    /// Passes a server's first message to the broker.
    fn broker_hears(&mut self, server: ServerId) {
        let Some(said) = self.servers.get_mut(&server).and_then(|known| known.said.pop_front()) else {
            return;
        };
        match said {
            Said::Registers => {
                let object = ClassObject { class: CLASS, class_use: ClassUse::Multiple, suspended: false };
                let package = FamilyName::new("app");
                self.server_asks(server, Request::RegisterClass { server, package, object });
            }
            Said::Entered(instance) => self.happens(Event::RunEntered { server, instance }, Some(server)),
            Said::Completed(instance) => {
                self.happens(Event::RunCompleted { server, instance, result: Ok(()) }, Some(server));
            }
            Said::AsksToLeave => self.server_asks(server, Request::Leave { server }),
            Said::Exits => {
                self.servers.remove(&server);
                let (exit, last_lines) = (Exit::Code(0), LastLines::default());
                self.happens(Event::ServerExited { server, exit, last_lines }, None);
            }
        }
    }

    /// Performs one random step.
    fn step(&mut self) {
        let servers: Vec<ServerId> = self.servers.keys().copied().collect();
        // Rare enough that servers are sometimes idle, frequent enough that they are not idle for long.
        let which = self.below(12 * servers.len() + 1);
        let Some(server) = servers.get(which / 12).copied() else {
            if self.began < ACTIVATIONS {
                self.fired += 1;
                let which = self.below(TASKS);
                let task = self.tasks[which];
                self.asks(Request::Fire { task, force: false });
            }
            return;
        };
        match self.below(3) {
            0 => self.broker_hears(server),
            1 => {
                let run = self.servers.get_mut(&server).and_then(Server::hears);
                assert!(run.is_none_or(|run| self.entered.insert(run)), "a run is entered twice");
            }
            _ => self.servers.get_mut(&server).map_or((), Server::goes_on),
        }
    }
}

#[test]
fn no_activation_falls_between_two_servers() {
    let mut race = Race::new();
    let mut launched = BTreeSet::new();
    for step in 0_u64.. {
        if race.began >= ACTIVATIONS && race.ended == race.began && race.servers.is_empty() {
            break;
        }
        assert!(step < 100 * ACTIVATIONS, "somebody waits for ever");
        race.step();
        launched.extend(race.servers.keys().copied());
    }
    assert_eq!(race.answered, race.fired, "every firing is answered by one run");
    assert_eq!(
        (race.began, race.entered.len() as u64),
        (race.ended, race.ended),
        "every run is entered once"
    );
    assert!(race.world.store.stored.runs.is_empty(), "nothing is left");
    // Otherwise servers would hardly ever leave while something arrived.
    assert!(launched.len() > 1_000, "{} servers were started for {} runs", launched.len(), race.began);
}
