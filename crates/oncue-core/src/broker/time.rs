//! Keeping time: schedules follow the wall clock and its zone, and the state of the clocks is recorded.

use alloc::boxed::Box;
use core::time::Duration;

use oncue_types::{Boot, Guid, Moment, Refusal, Stamp, Steady, SystemEvent, Wall};

use crate::broker::Broker;
use crate::calendar::{Calendar, NoCalendar};
use crate::clocks::{Clocks, Resumed, Step};
use crate::due::{Due, When};
use crate::effect::Effects;
use crate::record::Record;
use crate::tasks::TaskKey;
use crate::timers::Timer;
use crate::wake::Wake;

/// How old the recorded state of the clocks may be when something else is recorded.
const FRESH: Duration = Duration::from_secs(60);
/// The minimum and the maximum time between records of the clocks while the wall clock is behind.
const LOOKS: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(3_600)];

/// The calendar and the clocks.
#[derive(Debug)]
pub(super) struct Time {
    calendar: Box<dyn Calendar>,
    /// The state of the clocks, once the broker has read them.
    clocks: Option<Clocks>,
    /// The state that was last recorded.
    recorded: Option<Clocks>,
    /// The last session that has begun.
    session: Option<Guid>,
}

impl Default for Time {
    fn default() -> Self {
        Self { calendar: Box::new(NoCalendar), clocks: None, recorded: None, session: None }
    }
}

impl Time {
    pub(super) fn use_calendar(&mut self, calendar: impl Calendar + 'static) {
        self.calendar = Box::new(calendar);
    }

    pub(super) fn clocks(&self) -> Clocks {
        self.clocks.unwrap_or_default()
    }

    /// Continues from the state of the clocks that the previous broker left.
    pub(super) fn resume(
        &mut self,
        now: Moment,
        boot: Option<Guid>,
        (stored, session): (Option<Clocks>, Option<Guid>),
        out: &mut Effects,
    ) -> Resumed {
        let first = || {
            let clocks = Clocks::first(now, boot);
            Resumed { clocks, step: Step::Forward, off: Duration::ZERO, before: None }
        };
        let resumed = stored.map_or_else(first, |stored| stored.resume(now, boot));
        self.session = session;
        self.clocks = Some(resumed.clocks);
        self.recorded = stored;
        if stored
            .is_none_or(|stored| stored.boot != boot || stored.steady_ahead != resumed.clocks.steady_ahead)
        {
            self.record(out);
        }
        resumed
    }

    /// Notes the session; returns whether it is a new one.
    pub(super) fn session_begins(&mut self, session: Guid) -> bool {
        self.session.replace(session) != Some(session)
    }

    /// Records the state of the clocks.
    pub(super) fn record(&mut self, out: &mut Effects) {
        if self.recorded != self.clocks {
            self.recorded = self.clocks;
            out.records.extend(self.clocks.map(Record::Clocks));
        }
    }

    /// Records the state of the clocks together with other records, unless that was done a moment ago.
    pub(super) fn keep(&mut self, out: &mut Effects) {
        let Some(clocks) = self.clocks.filter(|_| !out.records.is_empty()) else { return };
        let is_fresh = self.recorded.is_some_and(|recorded| {
            recorded.wall_ahead == clocks.wall_ahead && clocks.seen.since(recorded.seen) < FRESH
        });
        if !is_fresh {
            self.record(out);
        }
    }

    pub(super) fn next(&self, schedule: &str, after: Wall) -> Option<Wall> {
        self.calendar.next(schedule, after)
    }

    pub(super) fn is_wild(&self, schedule: &str) -> bool {
        self.calendar.is_wild(schedule)
    }

    /// Returns an error if a schedule is invalid or never fires again.
    pub(super) fn check(&self, now: Moment, schedule: &str) -> Result<(), Refusal> {
        let comes = || match self.next(schedule, now.wall) {
            Some(_) => Ok(()),
            None => Err("it does not occur again".into()),
        };
        let checked = self.calendar.check(schedule).and_then(|()| comes());
        checked.map_err(|why| Refusal::Schedule { schedule: schedule.into(), why })
    }

    /// Reads the clocks; returns their previous state, and by how much the wall clock was set.
    fn look(&mut self, now: Moment) -> (Clocks, i64) {
        let before = self.clocks.unwrap_or_else(|| Clocks::first(now, None));
        let clocks = before.at(now);
        self.clocks = Some(clocks);
        (before, clocks.wall_ahead.saturating_sub(before.wall_ahead))
    }
}

impl Broker {
    /// Returns the time on the steady clock.
    #[must_use]
    pub fn steady(&self, now: Moment) -> Steady {
        self.time.clocks().steady(now.boot)
    }

    /// Detects whether the wall clock was set since the last event; schedules follow it and the zone.
    pub(super) fn keep_time(&mut self, now: Moment, zone_changed: bool, out: &mut Effects) {
        let (before, by) = self.time.look(now);
        if by == 0 && !zone_changed {
            return;
        }
        let step = match Step::of(by, now.wall) {
            step if zone_changed && step != Step::Corrected => Step::Rezoned,
            step => step,
        };
        for task in self.tasks.woken_by(&Wake::Calendar) {
            self.follow_clock(now, task, before, step, out);
        }
        self.pauses_follow_clock(now, before, step, out);
        if Step::is_set(by) {
            self.time.record(out);
        }
        if Step::is_set(by) || zone_changed {
            self.happened(now, SystemEvent::TimeZoneChange, out);
        }
    }

    /// Moves a schedule's deadline to the time that follows from the wall clock and the zone now.
    fn follow_clock(&mut self, now: Moment, key: TaskKey, before: Clocks, step: Step, out: &mut Effects) {
        let task = &self.tasks[key];
        let (Due::At(When::Schedule(planned)), Some(schedule)) = (task.due, task.trigger().schedule()) else {
            return;
        };
        let Some(at) = self.timers.due(key) else { return };
        if at <= now.boot && planned <= now.wall {
            return;
        }
        // It was planned by a correct clock, before that lost time; see `Time::recall_schedule`.
        let inherited = before.planned_ahead(Stamp { wall: planned, steady: before.steady(at) });
        let due = match step {
            _ if inherited && planned <= now.wall => planned,
            Step::Forward | Step::Nudged | Step::Back if inherited => {
                let next = self.time.next(schedule, now.wall).map(|next| now.boot_at(next));
                let at = next.map_or(at, |next| at.min(next));
                return self.arm_at(now, key, When::Schedule(planned), at);
            }
            Step::Forward | Step::Nudged | Step::Back | Step::Corrected | Step::Rezoned => {
                self.time.replan(now, schedule, planned, step)
            }
        };
        self.arm(now, key, Due::At(When::Schedule(due)));
        if due != planned {
            self.record_waiting(now, key, out);
        }
    }

    /// Plans to record the clocks regularly if the wall clock lost time in a reboot. Until it is corrected,
    /// only such records tell the next boot how much time has passed in this one.
    pub(super) fn look_at_clocks(&mut self, now: Moment) {
        if self.time.clocks().behind.is_some() && self.timers.next().is_some() {
            // With intervals as long as the uptime, at most half of the uptime is lost.
            let up = now.boot.since(Boot(0)).clamp(LOOKS[0], LOOKS[1]);
            self.timers.set(Timer::ClockLook, now.boot.after(up));
        }
    }
}
