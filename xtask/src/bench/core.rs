//! The core alone: how many events it handles per second, and how many bytes a task takes.
//!
//! Hour after hour passes for many tasks. Every call of [`Broker::handle`] counts as one event,
//! even if it fires thousands of tasks. The time is this thread's processor time, so that other
//! programs on the machine do not count.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use oncue_core::{
    Boot, Broker, Calendar, ClassObject, ClassUse, Consent, Effect, Effects, Event, ExeServer, FactKind,
    FamilyName, Guid, InstanceId, Limits, Moment, Observation, Package, Register, RegisterMode, Request,
    RequestId, ServerId, Settings, Stored, TaskId, TaskSpec, Version, Wall,
};
use rustix::time::{ClockId, clock_gettime};

use super::heap;

/// The numbers of tasks that are measured.
pub(super) const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];

/// The number of tasks of a package.
const PER_PACKAGE: usize = 1_000;
/// The number of classes of a package; its tasks use them in turn.
const CLASSES: usize = 4;
const MINUTE: Duration = Duration::from_secs(60);

/// The goals, which apply to every size.
const EVENTS_PER_SECOND: f64 = 1e6;
const BYTES_PER_TASK: usize = 400;

/// The results for one size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    tasks: usize,
    events_per_second: f64,
    allocations_per_event: f64,
    bytes_per_task: usize,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let met = |met: bool| if met { "met" } else { "NOT met" };
        let Self { tasks, events_per_second, allocations_per_event, bytes_per_task } = *self;
        let fast = met(events_per_second >= EVENTS_PER_SECOND);
        let small = met(bytes_per_task <= BYTES_PER_TASK);
        write!(
            f,
            "core, {tasks} tasks: {events_per_second:.0} events/s (bar ≥ {EVENTS_PER_SECOND:.0}: {fast}), "
        )?;
        write!(f, "{bytes_per_task} bytes a task (bar ≤ {BYTES_PER_TASK}: {small}), ")?;
        write!(f, "{allocations_per_event:.2} allocations an event")
    }
}

/// Measures this many tasks over at least this many events and an hour.
pub(super) fn measure(tasks: usize, events: u64) -> Found {
    let before = heap::in_use();
    let mut crowd = Crowd::new();
    crowd.register(tasks);
    crowd.tasks.shrink_to_fit();
    let own = crowd.own_bytes();
    let bytes_per_task = (heap::in_use() - before).saturating_sub(own) / tasks;
    // Before anything counts, all servers are running and all intervals have fired.
    for minute in 0..60 {
        crowd.minute(minute);
    }
    let (began, allocations) = (processor_time(), heap::allocations());
    let (mut passed, mut minute) = (0, 0);
    while passed < events || minute < 60 {
        passed += crowd.minute(minute);
        minute += 1;
    }
    let took = processor_time() - began;
    Found {
        tasks,
        events_per_second: passed as f64 / took.as_secs_f64(),
        allocations_per_event: (heap::allocations() - allocations) as f64 / passed as f64,
        bytes_per_task,
    }
}

/// A broker with many tasks, and its environment.
struct Crowd {
    now: Moment,
    broker: Broker,
    tasks: Vec<TaskId>,
    /// The next events.
    coming: VecDeque<Event>,
    die: u64,
    events: u64,
}

impl Crowd {
    fn new() -> Self {
        let limits = Limits {
            tasks: usize::MAX,
            tasks_per_package: usize::MAX,
            packages: usize::MAX,
            ..Limits::default()
        };
        let settings = Settings { limits, ..Settings::default() };
        let now = Moment { wall: Wall(1_790_000_000_000_000), boot: Boot(3_600_000_000) };
        let mut broker = Broker::new(settings, 7, 1).with_calendar(Daily);
        drop(broker.recover(now, Some(Guid::from_u128(1)), Stored::default()));
        Self { now, broker, tasks: Vec::new(), coming: VecDeque::new(), die: 1, events: 0 }
    }

    fn register(&mut self, tasks: usize) {
        for number in 0..tasks {
            let package = number / PER_PACKAGE;
            if number % PER_PACKAGE == 0 {
                let package = Box::new(self::package(package));
                self.ask(Request::AddPackage { package, consent: Consent::Offered, vacated: None });
            }
            let (package, spec, mode) = (family(package), spec(number), RegisterMode::Always);
            self.ask(Request::Register(Box::new(Register { package, spec, mode })));
            // They were not all registered at the same time.
            self.pass(Duration::from_micros(3_600_000_000 / tasks as u64));
        }
        self.events_of_facts(true);
    }

    /// Lets a minute pass, and returns the number of events.
    fn minute(&mut self, number: u64) -> u64 {
        let before = self.events;
        let end = self.now.boot.after(MINUTE);
        while let Some(at) = self.broker.next_deadline().filter(|at| *at <= end) {
            self.pass(at.since(self.now.boot));
            self.handle(Event::DeadlineReached);
            self.settle();
        }
        self.pass(end.since(self.now.boot));
        for _ in 0..self.tasks.len() / 100 {
            let picked = self.below(self.tasks.len());
            let task = self.tasks[picked];
            self.ask(Request::Fire { task, force: false });
            self.settle();
        }
        match number % 20 {
            10 => self.events_of_facts(false),
            11 => self.events_of_facts(true),
            _ => {}
        }
        self.settle();
        self.events - before
    }

    fn events_of_facts(&mut self, internet: bool) {
        for (kind, value) in [(FactKind::Internet, internet), (FactKind::OnAc, true)] {
            let seen = Observation {
                value: Some(value.into()),
                source: "bench".into(),
                why: String::new(),
                since: self.now.wall,
            };
            self.handle(Event::FactObserved { kind, seen });
        }
    }

    /// Lets the pending events happen.
    fn settle(&mut self) {
        while let Some(event) = self.coming.pop_front() {
            self.handle(event);
        }
    }

    fn ask(&mut self, what: Request) {
        self.handle(Event::Asked { request: RequestId(0), what });
    }

    fn handle(&mut self, event: Event) {
        self.events += 1;
        let effects = self.broker.handle(self.now, event);
        self.perform(effects);
    }

    fn perform(&mut self, mut effects: Effects) {
        for effect in effects.at_once.drain(..) {
            match effect {
                Effect::Launch { server, package, .. } => self.serve(server, &package),
                Effect::Deliver { server, activation, .. } => self.run(server, activation.instance),
                Effect::Start { .. }
                | Effect::Terminate { .. }
                | Effect::KillRest { .. }
                | Effect::TellCancel { .. }
                | Effect::Kill { .. }
                | Effect::Watch { .. }
                | Effect::Unwatch { .. }
                | Effect::Reply { .. }
                | Effect::Announce { .. }
                | Effect::NotifyUser(_)
                | Effect::LetSleep
                | Effect::LetSessionEnd
                | Effect::Await { .. }
                | Effect::StartAtLogIn { .. }
                | Effect::Leave
                | Effect::HandOver => {}
            }
        }
        for effect in effects.after.drain(..) {
            if let Effect::Reply { answer: Ok(oncue_core::Answer::Registered { task, .. }), .. } = effect {
                self.tasks.push(task);
            }
        }
        self.broker.reuse(effects);
    }

    fn serve(&mut self, server: ServerId, package: &FamilyName) {
        let number = package.as_str().trim_start_matches("app").parse().unwrap_or_default();
        for class in classes(number) {
            let object = ClassObject { class, class_use: ClassUse::Multiple, suspended: false };
            let what = Request::RegisterClass { server, package: package.clone(), object };
            self.coming.push_back(Event::Asked { request: RequestId(0), what });
        }
    }

    /// Every fourth run reports progress, and every fiftieth fails.
    fn run(&mut self, server: ServerId, instance: InstanceId) {
        self.coming.push_back(Event::RunEntered { server, instance });
        if self.below(4) == 0 {
            self.coming.push_back(Event::RunProgressed { server, instance, value: 50 });
        }
        let result = if self.below(50) == 0 { Err("it failed".into()) } else { Ok(()) };
        self.coming.push_back(Event::RunCompleted { server, instance, result });
    }

    fn pass(&mut self, span: Duration) {
        self.now = Moment { wall: self.now.wall.after(span), boot: self.now.boot.after(span) };
    }

    /// SplitMix64, so that every measurement has the same events.
    fn below(&mut self, sides: usize) -> usize {
        self.die = self.die.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut n = self.die;
        n = (n ^ n >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        n = (n ^ n >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((n ^ n >> 31) % sides as u64) as usize
    }

    /// The bytes that this side of the measurement itself uses.
    fn own_bytes(&self) -> usize {
        self.tasks.capacity() * size_of::<TaskId>() + self.coming.capacity() * size_of::<Event>()
    }
}

fn family(number: usize) -> FamilyName {
    FamilyName::new(&format!("app{number}"))
}

fn classes(package: usize) -> impl Iterator<Item = Guid> {
    (0..CLASSES).map(move |class| Guid::from_u128((package * CLASSES + class + 1) as u128))
}

fn package(number: usize) -> Package {
    Package {
        family: family(number),
        full_name: format!("app{number}_1.0.0.0"),
        display_name: format!("App {number}"),
        version: Version::new(1, 0, 0, 0),
        location: format!("/opt/app{number}"),
        servers: vec![ExeServer { classes: classes(number).collect(), command: "serve".into() }],
    }
}

/// Most tasks have time triggers; a third has a condition and an eighth a policy.
fn spec(number: usize) -> TaskSpec {
    let minutes = 15 + number % 46;
    let trigger = match number % 20 {
        0..=12 => format!("every {minutes}m"),
        13 => format!("maintenance {minutes}m"),
        14..=15 => format!("calendar {}", number % 24),
        16 => format!("signal event-{}", number / 100),
        17 => "application".into(),
        18 => format!("path /home/user/folder-{number}"),
        _ => "system session-connected".into(),
    };
    let condition = match number % 12 {
        0 | 1 => Some("internet"),
        2 => Some("internet and ac"),
        3 => Some("battery-not-low"),
        _ => None,
    };
    let policy = match number % 16 {
        0 => Some("retry=exponential:30s:5 time-limit=10m"),
        1 => Some("missed=skip cancel-on-loss"),
        _ => None,
    };
    TaskSpec {
        name: format!("task-{number:07}").into(),
        group: None,
        action: Guid::from_u128((number / PER_PACKAGE * CLASSES + number % CLASSES + 1) as u128).into(),
        trigger: trigger.parse().unwrap_or(oncue_core::Trigger::Application),
        condition: condition.and_then(|text| text.parse().ok()).map(Box::new),
        policy: policy.and_then(|text| text.parse().ok()).map(Box::new),
    }
}

/// `calendar 9` fires every day at nine.
#[derive(Debug)]
struct Daily;

impl Calendar for Daily {
    fn check(&self, _: &str) -> Result<(), String> {
        Ok(())
    }

    fn next(&self, schedule: &str, after: Wall) -> Option<Wall> {
        const HOUR: i64 = 3_600_000_000;
        const DAY: i64 = 24 * HOUR;
        let first = HOUR * schedule.strip_prefix("calendar ")?.parse::<i64>().ok()?;
        Some(Wall(first + ((after.0 - first).div_euclid(DAY) + 1) * DAY))
    }

    fn is_wild(&self, _: &str) -> bool {
        false
    }
}

fn processor_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.cast_unsigned(), now.tv_nsec as u32)
}
