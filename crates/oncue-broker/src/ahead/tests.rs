//! The outlook from messages, compared with that from the store.

use std::time::Duration;

use oncue_core::{Effects, Event, FactKind, Register, RegisterMode, Request, RequestId, parse_span};
use oncue_wire::convert;

use super::*;

const HOUR: Duration = Duration::from_secs(3_600);

/// A broker and its store.
struct Stage {
    broker: Broker,
    now: Moment,
    stored: Stored,
    packages: Vec<PackageInfo>,
}

fn wall(time: &str) -> Wall {
    Wall(time.parse::<jiff::Timestamp>().unwrap().as_microsecond())
}

impl Stage {
    fn at(time: &str) -> Self {
        let now = Moment { wall: wall(time), boot: Boot(3_600_000_000) };
        let mut broker = Broker::new(Settings::default(), 7, 0).with_calendar(Zones::alone());
        let Effects { records, .. } = broker.recover(now, None, Stored::default());
        let mut stage = Self { broker, now, stored: Stored::default(), packages: Vec::new() };
        stage.apply(records);
        stage
    }

    fn apply(&mut self, records: Vec<oncue_core::Record>) {
        for record in records {
            self.stored.apply(record);
        }
    }

    fn happens(&mut self, event: Event) {
        let Effects { records, .. } = self.broker.handle(self.now, event);
        self.apply(records);
    }

    /// Adds a command, written as `NAME TRIGGER[ when CONDITION][ with POLICY]`.
    fn add(&mut self, text: &str) {
        let (text, policy) = text.split_once(" with ").unwrap_or((text, ""));
        let (text, condition) = text.split_once(" when ").unwrap_or((text, ""));
        let (name, trigger) = text.split_once(' ').unwrap();
        let condition = (!condition.is_empty()).then(|| Box::new(condition.parse().unwrap()));
        let policy = (!policy.is_empty()).then(|| Box::new(policy.parse().unwrap()));
        let action = Action::Command(Command::new("true", "/").into());
        let trigger = trigger.parse().unwrap();
        let spec = TaskSpec { name: name.into(), group: None, action, trigger, condition, policy };
        let register = Register { package: FamilyName::commands(), spec, mode: RegisterMode::New };
        self.asks(Request::Register(Box::new(register)));
    }

    fn asks(&mut self, what: Request) {
        self.happens(Event::Asked { request: RequestId(0), what });
    }

    fn task(&self, name: &str) -> TaskId {
        self.broker.find(name)[0]
    }

    /// Returns the answers that a client gets, and the outlook from them.
    fn seen(&self, horizon: Horizon) -> Outlook {
        let ids: Vec<TaskId> = self.broker.task_ids(None).collect();
        let views = ids.iter().filter_map(|id| self.broker.view(self.now, *id));
        let tasks: Vec<TaskInfo> = views.map(convert::task).collect();
        let facts = convert::facts(self.broker.facts());
        let shown = Shown {
            tasks: &tasks,
            packages: &self.packages,
            facts: &facts,
            all_paused: self.broker.all_paused(self.now).map(convert::pause),
            settings: Settings::default(),
        };
        shown.look_ahead(self.now.wall, horizon, |_| Some(Duration::from_secs(60)))
    }

    /// Returns the outlook from the broker's own store.
    fn stored(&self, horizon: Horizon) -> Outlook {
        let broker = Broker::new(Settings::default(), 0, 0).with_calendar(Zones::alone());
        let broker = broker.with_facts(self.broker.facts().clone());
        let alive = |id| {
            let view = self.broker.view(self.now, id)?;
            let firing = Firing::once(view.fired_at?, Cause::Trigger);
            view.instance.map(|_| Alive { task: id, firing, entered: view.started_at })
        };
        let running = self.broker.task_ids(None).filter_map(alive).collect();
        let stored = Stored { runs: Vec::new(), ..self.stored.clone() };
        ahead::look_ahead(broker, self.now, Present { stored, running }, horizon, |_| {
            Some(Duration::from_secs(60))
        })
    }

    fn horizon(&self, span: Duration) -> Horizon {
        Horizon { until: self.now.wall.after(span), runs_per_task: 100, steps: 100_000 }
    }
}

/// When the runs of a task begin, in UTC.
fn times(outlook: &Outlook, task: TaskId) -> Vec<String> {
    let runs = outlook.coming.get(&task).map(|coming| coming.runs.clone()).unwrap_or_default();
    runs.iter().map(|run| jiff::Timestamp::from_microsecond(run.at.0).unwrap().to_string()).collect()
}

#[test]
fn a_calendar_follows_the_zone_when_summer_time_ends() {
    let mut stage = Stage::at("2026-10-24T10:00:00Z");
    stage.add("daily calendar *-*-* 03:30:00 Europe/Berlin");
    stage.add("twice calendar *-*-* *:30:00 Europe/Berlin with slack=10s");
    let outlook = stage.seen(stage.horizon(48 * HOUR));
    let daily = times(&outlook, stage.task("daily"));
    assert_eq!(daily, ["2026-10-25T02:30:00Z", "2026-10-26T02:30:00Z"]);
    assert_eq!(outlook.coming[&stage.task("twice")].count, 48, "no hour is left out, and none comes twice");
}

#[test]
fn a_calendar_follows_the_zone_when_summer_time_begins() {
    let mut stage = Stage::at("2026-03-28T00:00:00Z");
    stage.add("early calendar *-*-* 02:30:00 Europe/Berlin");
    let outlook = stage.seen(stage.horizon(72 * HOUR));
    let schedule = oncue_core::Calendar::next(
        &Zones::alone(),
        "calendar *-*-* 02:30:00 Europe/Berlin",
        wall("2026-03-28T12:00:00Z"),
    );
    let runs = &outlook.coming[&stage.task("early")].runs;
    assert_eq!(runs[0].at, wall("2026-03-28T01:30:00Z"));
    assert_eq!(Some(runs[1].at), schedule, "02:30 does not exist on that day; the calendar says what to do");
}

#[test]
fn what_a_client_is_told_is_all_that_the_future_depends_on() {
    let mut stage = Stage::at("2026-11-22T10:00:07Z");
    for task in [
        "sync every 15m when internet",
        "mail every 20m with slack=30s",
        "backup calendar *-*-* 12:00:00 UTC with queue=disk",
        "scrub calendar *-*-* 12:00:00 UTC with queue=disk",
        "check after completed backup",
        "flaky application with retry=linear:30m:3",
        "off every 30m with disabled",
        "once once 40m",
        "rested every 30m",
        "long every 25m",
        "dropped calendar *-*-* *:00:00 UTC when ac with drop-after=10m",
    ] {
        stage.add(task);
    }
    let pause = |stage: &Stage, name: &str, end| Request::Pause {
        scope: PauseScope::Task(stage.task(name)),
        end,
        cancel: false,
    };
    stage.asks(pause(&stage, "rested", oncue_core::PauseEnd::After(2 * HOUR)));
    let off = oncue_core::Observation {
        value: Some(oncue_core::Reading::Is(false)),
        source: "test".into(),
        why: String::new(),
        since: stage.now.wall,
    };
    stage.happens(Event::FactObserved { kind: FactKind::OnAc, seen: off });
    // One has failed and is tried again, and one runs.
    let started = |server| Event::ServerStarted {
        server: oncue_core::ServerId::Launched(server),
        program: String::new(),
    };
    stage.asks(Request::Fire { task: stage.task("flaky"), force: false });
    stage.happens(started(1));
    stage.happens(Event::ServerExited {
        server: oncue_core::ServerId::Launched(1),
        exit: oncue_core::Exit::Code(1),
        last_lines: "".into(),
    });
    stage.asks(Request::Fire { task: stage.task("long"), force: false });
    stage.happens(started(2));
    // Intervals pass meanwhile: what they fire is held, runs, or waits for the end of the run.
    stage.now = Moment {
        wall: stage.now.wall.after(parse_span("26m").unwrap()),
        boot: stage.now.boot.after(parse_span("26m").unwrap()),
    };
    stage.happens(Event::DeadlineReached);

    let horizon = stage.horizon(30 * HOUR);
    let (seen, stored) = (stage.seen(horizon), stage.stored(horizon));
    for id in stage.broker.task_ids(None) {
        let name = stage.broker.view(stage.now, id).unwrap().name;
        assert_eq!(seen.coming.get(&id), stored.coming.get(&id), "{name}");
    }
    assert_eq!((seen.wake_ups, &seen.clashes), (stored.wake_ups, &stored.clashes));
    assert_eq!(seen.clashes.len(), 2, "the queue and the long run: {:?}", seen.clashes);
    for (name, count) in [("sync", 0), ("off", 0), ("once", 1), ("flaky", 1), ("check", 2), ("dropped", 0)] {
        let coming = seen.coming.get(&stage.task(name)).map_or(0, |coming| coming.count);
        assert_eq!(coming, count, "{name}");
    }
    assert!(seen.view(stage.task("sync")).unwrap().waiting.is_some(), "it is held until the end");
    assert!(seen.view(stage.task("once")).is_none(), "its registration ends with its run");
}
