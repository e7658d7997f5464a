//! A world in which every run completes at once, so that only the times of firings matter.

use std::time::Duration;

use oncue_core::{
    ClassObject, ClassUse, Consent, Effect, Effects, Event, ExeServer, FamilyName, Firing, Guid, Limits,
    Moment, Package, Record, Register, RegisterMode, Request, RequestId, ServerId, Settings, TaskId,
    TaskSpec, Version,
};

use crate::world::{World, later};

const CLASS: Guid = Guid::from_u128(1);

/// The world, and what has happened in it.
pub(crate) struct Busy {
    pub(crate) world: World,
    pub(crate) wake_ups: u32,
    /// The firings answered by runs, in the order in which the runs began.
    pub(crate) runs: Vec<(TaskId, Firing)>,
    /// The most recently registered task.
    registered: Option<TaskId>,
}

impl Busy {
    pub(crate) fn new() -> Self {
        let limits = Limits { tasks_per_package: 20_000, ..Limits::default() };
        let world = World::new(Settings { limits, min_minutes: 1, ..Settings::default() });
        let mut busy = Self { world, wake_ups: 0, runs: Vec::new(), registered: None };
        let package = Package {
            family: family(),
            full_name: "app_1".into(),
            display_name: "app".into(),
            version: Version::new(1, 0, 0, 0),
            location: String::new(),
            servers: vec![ExeServer { classes: vec![CLASS], command: String::new() }],
        };
        busy.ask(Request::AddPackage {
            package: Box::new(package),
            consent: Consent::Offered,
            vacated: None,
        });
        busy
    }

    pub(crate) fn register(&mut self, trigger: &str) -> TaskId {
        let spec = TaskSpec {
            name: "task".into(),
            group: None,
            action: CLASS.into(),
            trigger: trigger.parse().expect("a trigger"),
            condition: None,
            policy: None,
        };
        let register = Register { package: family(), spec, mode: RegisterMode::Always };
        self.ask(Request::Register(Box::new(register)));
        self.registered.expect("it is registered")
    }

    pub(crate) fn wait(&mut self, span: Duration) {
        let end = later(self.world.now, span);
        while let Some(due) = self.world.next_deadline(end) {
            self.world.now = due;
            self.wake_ups += 1;
            self.handle(Event::DeadlineReached);
        }
        self.world.now = end;
    }

    /// Replaces the broker by another one, which starts from the stored state.
    pub(crate) fn restart(&mut self, now: Moment) {
        let (world, effects) = self.world.after_crash(now);
        self.world = world;
        self.perform(effects);
        self.wait(Duration::ZERO);
    }

    pub(crate) fn handle(&mut self, event: Event) {
        let effects = self.world.handle(event);
        self.perform(effects);
    }

    fn ask(&mut self, what: Request) {
        self.handle(Event::Asked { request: RequestId(0), what });
    }

    fn perform(&mut self, effects: Effects) {
        for record in effects.records {
            match record {
                Record::TaskRegistered { task, .. } => self.registered = Some(task),
                Record::RunBegan { task, firing, .. } => {
                    assert!(firing.at <= self.world.now.wall, "{firing:?} comes early");
                    self.runs.push((task, firing));
                }
                _ => {}
            }
        }
        for effect in effects.at_once {
            match effect {
                Effect::Launch { server, .. } => self.serve(server),
                Effect::Deliver { server, activation, .. } => {
                    let instance = activation.instance;
                    self.handle(Event::RunEntered { server, instance });
                    self.handle(Event::RunCompleted { server, instance, result: Ok(()) });
                }
                _ => {}
            }
        }
    }

    fn serve(&mut self, server: ServerId) {
        let object = ClassObject { class: CLASS, class_use: ClassUse::Multiple, suspended: false };
        self.ask(Request::RegisterClass { server, package: family(), object });
    }
}

fn family() -> FamilyName {
    FamilyName::new("app")
}
