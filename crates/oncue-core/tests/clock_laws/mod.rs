//! Whatever happens to the wall clock, whenever the broker or the machine goes down, and whatever
//! is reported, nothing fires too late, too early, or twice.

use std::collections::BTreeSet;
use std::time::Duration;

use oncue_core::{Boot, Calendar as _, Event, Moment, TaskId, Wall};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::busy::Busy;
use crate::world::hours::Hours;

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Something that happens.
#[derive(Clone, Debug)]
enum Op {
    Wait {
        minutes: u16,
    },
    /// The wall clock is set by this many microseconds.
    Step {
        by: i64,
        told: bool,
    },
    /// The broker restarts after this many seconds, and the clock was set in the meantime.
    Restart {
        seconds: u16,
        by: i64,
    },
    /// The machine was off for this long, and its clock is now wrong by this much.
    Reboot {
        minutes: u16,
        by: i64,
    },
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (0_u16..600).prop_map(|minutes| Op::Wait { minutes }),
        3 => (step(), any::<bool>()).prop_map(|(by, told)| Op::Step { by, told }),
        1 => (0_u16..3_000, step()).prop_map(|(seconds, by)| Op::Restart { seconds, by }),
        1 => (0_u16..6_000, step()).prop_map(|(minutes, by)| Op::Reboot { minutes, by }),
    ]
}

fn step() -> impl Strategy<Value = i64> {
    prop_oneof![
        1 => Just(0),
        2 => -SECOND + 1..SECOND,
        2 => -3 * HOUR + 1..3 * HOUR,
        1 => -2 * DAY..2 * DAY,
        1 => -9_000 * DAY..9_000 * DAY,
    ]
}

/// A task, and by when it must fire after `wall`.
struct Promise {
    task: TaskId,
    limit: fn(Wall) -> Wall,
}

fn after(schedule: &str, at: i64) -> Wall {
    Hours.next(schedule, Wall(at)).expect("it comes again")
}

struct Play {
    busy: Busy,
    promises: Vec<Promise>,
    daily: TaskId,
    /// When the daily task has fired, if the clock was right.
    came: BTreeSet<Wall>,
    /// How far the clock has been set back since then.
    back: i64,
}

impl Play {
    fn new() -> Self {
        let mut busy = Busy::new();
        let mut promise = |trigger: &str, limit| Promise { task: busy.register(trigger), limit };
        let daily = promise("calendar 9", |now| after("calendar 9", now.0 + 3 * HOUR));
        let promises = vec![
            promise("every 15m", |now| Wall(now.0 + 15 * MINUTE)),
            promise("every 7d", |now| Wall(now.0 + 7 * DAY)),
            promise("once 2d", |now| Wall(now.0 + 2 * DAY)),
            promise("calendar hourly", |now| after("calendar hourly", now.0 + SECOND)),
            Promise { task: daily.task, limit: daily.limit },
        ];
        Self { busy, promises, daily: daily.task, came: BTreeSet::new(), back: 0 }
    }

    fn perform(&mut self, op: &Op) {
        let now = self.busy.world.now;
        match op {
            Op::Wait { minutes } => self.busy.wait(Duration::from_secs(u64::from(*minutes) * 60)),
            Op::Step { by, told } => {
                self.set(*by);
                if *told {
                    self.busy.handle(Event::ClockSet { zone_changed: false });
                    self.busy.wait(Duration::ZERO);
                } else {
                    // The next event shows it.
                    self.busy.wait(Duration::from_secs(1));
                    self.busy.handle(Event::RecordWorks);
                }
            }
            Op::Restart { seconds, by } => {
                let passed = i64::from(*seconds) * SECOND;
                self.is_right(*by);
                self.busy.restart(Moment {
                    wall: Wall(now.wall.0 + passed + by),
                    boot: Boot(now.boot.0 + passed),
                });
            }
            Op::Reboot { minutes, by } => {
                let passed = i64::from(*minutes) * MINUTE;
                self.came.clear();
                self.busy.restart(Moment { wall: Wall(now.wall.0 + passed + by), boot: Boot(0) });
            }
        }
        self.holds();
    }

    fn set(&mut self, by: i64) {
        self.is_right(by);
        self.busy.world.now.wall.0 += by;
    }

    /// A clock that was wrong may show the same time again.
    fn is_right(&mut self, by: i64) {
        self.back = (self.back + by).min(0);
        if self.back <= -3 * HOUR {
            self.came.clear();
        }
    }

    fn holds(&mut self) {
        let now = self.busy.world.now;
        for Promise { task, limit } in &self.promises {
            if let Some(view) = self.busy.world.broker.view(now, *task) {
                let due = view.next_due.expect("it waits for its time");
                assert!(due <= limit(now.wall), "{} is due {due:?}, and it is {now:?}", view.trigger);
            }
        }
        for (task, firing) in std::mem::take(&mut self.busy.runs) {
            if task == self.daily && firing.at.0.rem_euclid(DAY) == 9 * HOUR {
                assert!(self.came.insert(firing.at), "{:?} came twice", firing.at);
                self.back = 0;
            }
        }
    }
}

proptest! {
    #![proptest_config(crate::config())]

    #[test]
    fn no_clock_delays_doubles_or_hastens_anything(ops in vec(op(), 1..30)) {
        let mut play = Play::new();
        for op in &ops {
            play.perform(op);
        }
    }
}

#[test]
fn a_machine_whose_clock_stands_still_does_not_starve() {
    for on in [4, 30, 300] {
        let mut busy = Busy::new();
        let begin = busy.world.now.wall;
        let tasks = ["every 12h", "once 1d", "calendar 9"].map(|trigger| busy.register(trigger));
        for _ in 0..10 * DAY / (on * MINUTE) {
            busy.restart(Moment { wall: begin, boot: Boot(20 * SECOND) });
            busy.wait(Duration::from_secs(on.unsigned_abs() * 60));
        }
        for task in tasks {
            let came = busy.runs.iter().any(|(of, _)| *of == task);
            assert!(came, "on for {on} minutes at a time");
        }
    }
}
