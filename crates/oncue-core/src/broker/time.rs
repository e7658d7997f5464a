//! Keeping time: schedules follow the wall clock and its zone, and how the clocks stand is recorded.

use alloc::vec::Vec;
use core::time::Duration;

use crate::broker::Broker;
use crate::clocks::{Clocks, Step};
use crate::due::{Due, When};
use crate::effect::Effects;
use crate::id::TaskId;
use crate::moment::{Boot, Moment, Stamp, Steady};
use crate::record::Record;
use crate::timers::Timer;
use crate::trigger::{SystemEvent, Trigger, Wake};

/// How old the record of the clocks may be when something else is recorded.
const FRESH: Duration = Duration::from_secs(60);
/// The shortest and the longest time until the clocks are recorded while the wall clock lags.
const LOOKS: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(3_600)];

impl Broker {
    pub(super) fn clocks(&self) -> Clocks {
        self.clocks.unwrap_or_default()
    }

    /// Returns what the steady clock shows.
    #[must_use]
    pub fn steady(&self, now: Moment) -> Steady {
        self.clocks().steady(now.boot)
    }

    /// Looks whether the wall clock was set since the last event; schedules follow it and the zone.
    pub(super) fn keep_time(&mut self, now: Moment, zone_changed: bool, out: &mut Effects) {
        let before = *self.clocks.get_or_insert_with(|| Clocks::first(now, None));
        let clocks = before.at(now);
        self.clocks = Some(clocks);
        let by = clocks.wall_ahead.saturating_sub(before.wall_ahead);
        if by == 0 && !zone_changed {
            return;
        }
        let step = match Step::of(by, now.wall) {
            step if zone_changed && step != Step::Corrected => Step::Rezoned,
            step => step,
        };
        let theirs: Vec<TaskId> = self.woken_by(&Wake::Calendar).collect();
        for id in theirs {
            self.follow_clock(now, id, before, step, out);
        }
        if Step::is_set(by) {
            self.record_clocks(out);
        }
        if Step::is_set(by) || zone_changed {
            self.happened(now, SystemEvent::TimeZoneChange, out);
        }
    }

    /// Moves a schedule's deadline to where the wall clock and the zone put it now.
    fn follow_clock(&mut self, now: Moment, id: TaskId, before: Clocks, step: Step, out: &mut Effects) {
        let Some(task) = self.tasks.get(&id) else {
            return;
        };
        let (Due::At(When::Schedule(planned)), Trigger::Calendar(schedule)) = (task.due, &task.spec.trigger)
        else {
            return;
        };
        let Some(at) = self.timers.get(Timer::Due(id)) else { return };
        if at <= now.boot && planned <= now.wall {
            return;
        }
        // Planned by a clock that was right, before this one lost time; see `Broker::recall`.
        let inherited = before.planned_ahead(Stamp { wall: planned, steady: before.steady(at) });
        let due = match step {
            _ if inherited && planned <= now.wall => planned,
            Step::Forward | Step::Nudged | Step::Back if inherited => {
                let next = self.calendar.next(schedule, now.wall).map(|next| now.boot_at(next));
                let at = next.map_or(at, |next| at.min(next));
                return self.arm_at(now, id, When::Schedule(planned), at);
            }
            Step::Forward | Step::Nudged | Step::Back | Step::Corrected | Step::Rezoned => {
                self.replan(now, schedule, planned, step)
            }
        };
        self.arm(now, id, Due::At(When::Schedule(due)));
        if due != planned {
            self.record_waiting(now, id, out);
        }
    }

    /// Records how the clocks stand along with anything else, unless that was done a moment ago.
    pub(super) fn keep_clocks(&mut self, out: &mut Effects) {
        let Some(clocks) = self.clocks.filter(|_| !out.records.is_empty()) else { return };
        let is_fresh = self.recorded_clocks.is_some_and(|recorded| {
            recorded.wall_ahead == clocks.wall_ahead && clocks.seen.since(recorded.seen) < FRESH
        });
        if !is_fresh {
            self.record_clocks(out);
        }
    }

    /// Records how the clocks stand.
    pub(super) fn record_clocks(&mut self, out: &mut Effects) {
        if self.recorded_clocks != self.clocks {
            self.recorded_clocks = self.clocks;
            out.records.extend(self.clocks.map(Record::Clocks));
        }
    }

    /// The wall clock lost time over a reboot: until it has it back, only what is recorded now and
    /// then tells the next boot how much time has passed in this one.
    pub(super) fn look_at_clocks(&mut self, now: Moment) {
        if self.clocks().behind.is_some() && self.timers.next().is_some() {
            // Looking as often as the machine is up long loses half of that at most.
            let up = now.boot.since(Boot(0)).clamp(LOOKS[0], LOOKS[1]);
            self.timers.set(Timer::ClockLook, now.boot.after(up), Duration::ZERO);
        }
    }
}
