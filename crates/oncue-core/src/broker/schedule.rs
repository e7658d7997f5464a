//! When triggers that go by time come: the first time, the next time, and after the clock was set.

use alloc::vec::Vec;
use core::time::Duration;

use crate::broker::Broker;
use crate::due::Due;
use crate::effect::Effects;
use crate::id::TaskId;
use crate::moment::{Boot, Moment, Wall};
use crate::trigger::{SystemEvent, Trigger, Wake};

/// How far the clocks must drift apart to say that the wall clock was set.
const STEP: Duration = Duration::from_secs(1);
/// A clock that is set back by less than this does not make anything fire twice, as with cron(8).
const BACK: Duration = Duration::from_secs(3 * 3600);
/// How many missed occurrences of a schedule are counted one by one.
const COUNTED: u32 = 1_000;

/// The occurrences of a trigger that have passed.
#[derive(Debug)]
pub(super) struct Passed {
    /// How many there are.
    pub(super) count: u32,
    /// When the last of them was due.
    pub(super) last: Boot,
    /// When the next one is due.
    pub(super) next: Option<Boot>,
}

impl Broker {
    /// Returns when a trigger comes first, if it is registered now and goes by time.
    pub(super) fn first_due(&self, now: Moment, trigger: &Trigger) -> Due<Boot> {
        match trigger {
            Trigger::Calendar(schedule) => {
                Due::by_time(self.calendar.next(schedule, now.wall).map(|next| now.boot_at(next)))
            }
            _ => trigger.period().map_or(Due::OnEvent, |period| Due::At(now.boot.after(period))),
        }
    }

    /// Returns what has passed of a trigger that was due at `at`.
    pub(super) fn passed(&self, now: Moment, trigger: &Trigger, at: Boot) -> Passed {
        match (trigger, trigger.period()) {
            (Trigger::Calendar(schedule), _) => self.occurrences(now, schedule, at),
            (_, Some(period)) if !trigger.is_one_shot() && !period.is_zero() => {
                let passed = now.boot.since(at).as_micros() / period.as_micros() + 1;
                let count = u32::try_from(passed).unwrap_or(u32::MAX);
                let last = at.after(period.saturating_mul(count - 1));
                Passed { count, last, next: Some(last.after(period)) }
            }
            _ => Passed { count: 1, last: at, next: None },
        }
    }

    fn occurrences(&self, now: Moment, schedule: &str, at: Boot) -> Passed {
        let mut passed = Passed { count: 1, last: at, next: None };
        loop {
            let next = self.calendar.next(schedule, now.wall_at(passed.last));
            passed.next = next.map(|next| now.boot_at(next));
            match passed.next {
                Some(next) if next <= now.boot && passed.count < COUNTED => {
                    passed.count += 1;
                    passed.last = next;
                }
                Some(next) if next <= now.boot => {
                    passed.next = self.first_due(now, &Trigger::Calendar(schedule.into())).at();
                    return passed;
                }
                _ => return passed,
            }
        }
    }

    /// Looks whether the wall clock was set since the last event; deadlines by the calendar follow it.
    pub(super) fn keep_time(&mut self, now: Moment, zone_changed: bool, out: &mut Effects) {
        let offset = now.wall.0.saturating_sub(now.boot.0);
        let before = *self.clock_offset.get_or_insert(offset);
        let step = Duration::from_micros(offset.abs_diff(before));
        let stepped = step >= STEP;
        if !stepped && !zone_changed {
            return;
        }
        self.clock_offset = Some(offset);
        let anew = zone_changed || (offset < before && step >= BACK);
        let theirs: Vec<TaskId> = self.woken_by(&Wake::Calendar).collect();
        for id in theirs {
            self.follow_clock(now, id, before, anew, out);
        }
        self.happened(now, SystemEvent::TimeZoneChange, out);
    }

    /// Moves a schedule's deadline to where the clocks say now; `anew` when it may come earlier.
    fn follow_clock(&mut self, now: Moment, id: TaskId, before: i64, anew: bool, out: &mut Effects) {
        let Some(task) = self.tasks.get(&id) else {
            return;
        };
        let (Due::At(due), Trigger::Calendar(schedule)) = (task.due, &task.spec.trigger) else {
            return;
        };
        let planned = Wall(due.0.saturating_add(before));
        let next = match anew {
            true if planned > now.wall => self.calendar.next(schedule, now.wall),
            _ => Some(planned),
        };
        self.arm(id, Due::by_time(next).map(|next| now.boot_at(next)));
        self.record_waiting(now, id, out);
    }
}
