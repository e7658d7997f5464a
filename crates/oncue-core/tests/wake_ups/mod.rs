//! How often the broker is woken, counted in virtual time.

use std::time::Duration;

use oncue_core::{
    ClassObject, ClassUse, Downgrade, Effect, Event, ExeServer, FamilyName, Guid, Limits, Package, Record,
    Register, RegisterMode, Request, RequestId, ServerId, Settings, TaskSpec, Version,
};

use crate::world::{World, later};

const CLASS: Guid = Guid::from_u128(1);
const HOUR: Duration = Duration::from_secs(3_600);

/// A world in which every run completes at once.
struct Busy {
    world: World,
    wake_ups: u32,
    /// How many firings each run answered, in the order in which they began.
    runs: Vec<u32>,
}

impl Busy {
    fn new() -> Self {
        let limits = Limits { tasks_per_package: 20_000, ..Limits::default() };
        let world = World::new(Settings { limits, min_minutes: 1, ..Settings::default() });
        let mut busy = Self { world, wake_ups: 0, runs: Vec::new() };
        let package = Package {
            family: FamilyName::new("app"),
            full_name: "app_1".into(),
            display_name: "app".into(),
            version: Version([1, 0, 0, 0]),
            location: String::new(),
            servers: vec![ExeServer { classes: vec![CLASS] }],
        };
        busy.ask(Request::AddPackage { package: Box::new(package), downgrade: Downgrade::Refuse });
        let object = ClassObject { class: CLASS, class_use: ClassUse::Multiple, suspended: false };
        let (server, package) = (ServerId::Joined(1), FamilyName::new("app"));
        busy.ask(Request::RegisterClass { server, package, object });
        busy
    }

    fn ask(&mut self, what: Request) {
        self.handle(Event::Asked { request: RequestId(0), what });
    }

    fn register(&mut self, trigger: &str) {
        let spec = TaskSpec {
            name: "task".into(),
            group: None,
            class: CLASS,
            trigger: trigger.parse().unwrap(),
            condition: None,
            policy: None,
        };
        let package = FamilyName::new("app");
        self.ask(Request::Register(Box::new(Register { package, spec, mode: RegisterMode::Always })));
    }

    fn handle(&mut self, event: Event) {
        let effects = self.world.handle(event);
        self.runs.extend(effects.records.iter().filter_map(|record| match record {
            Record::RunBegan { firing, .. } => Some(firing.count),
            _ => None,
        }));
        for effect in effects.at_once {
            if let Effect::Deliver { server, activation } = effect {
                let instance = activation.instance;
                self.handle(Event::RunCompleted { server, instance, result: Ok(()) });
            }
        }
    }

    fn wait(&mut self, span: Duration) {
        let end = later(self.world.now, span);
        while let Some(due) = self.world.next_deadline(end) {
            self.world.now = due;
            self.wake_ups += 1;
            self.handle(Event::DeadlineReached);
        }
        self.world.now = end;
    }
}

#[test]
fn a_job_of_every_minute_runs_every_minute() {
    for trigger in ["calendar minutely", "every 1m"] {
        let mut busy = Busy::new();
        busy.register(trigger);
        busy.wait(HOUR + Duration::from_secs(6));
        assert_eq!(busy.runs, [1; 60], "{trigger}");
        assert!(busy.wake_ups <= 60, "{trigger}: {} wake-ups", busy.wake_ups);
    }
}

#[test]
fn ten_thousand_tasks_share_one_wake_up_a_minute() {
    let mut busy = Busy::new();
    for number in 0..10_000 {
        busy.register(&format!("every {}m", 15 + number % 46));
        busy.wait(Duration::from_millis(90));
    }
    (busy.wake_ups, busy.runs) = (0, Vec::new());
    busy.wait(HOUR);
    assert!(busy.wake_ups <= 61, "{} wake-ups in an hour", busy.wake_ups);
    assert!(busy.runs.len() > 10_000, "every task has run, most of them more than once");
    assert!(busy.runs.iter().all(|firings| *firings == 1), "and nothing was joined");
}
