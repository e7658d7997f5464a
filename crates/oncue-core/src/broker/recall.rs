//! Deadlines after a start: none depends on a wall clock that was wrong, whenever that was.
//!
//! Spans go by the steady clock and schedules by the wall clock; neither comes later than it would if
//! it were registered now.

use core::time::Duration;

use crate::broker::Broker;
use crate::clocks::{Clocks, Resumed, Step};
use crate::due::{Due, When};
use crate::effect::Effects;
use crate::guid::Guid;
use crate::id::TaskId;
use crate::moment::{Boot, Moment, Stamp};
use crate::retry::LATEST;
use crate::stored::StoredHealth;
use crate::task::Health;
use crate::timers::Timer;
use crate::trigger::Trigger;

impl Broker {
    /// Goes on with the clocks where the last broker left them.
    pub(super) fn resume_clocks(
        &mut self,
        now: Moment,
        boot: Option<Guid>,
        stored: Option<Clocks>,
        out: &mut Effects,
    ) -> Resumed {
        let first = || {
            let clocks = Clocks::first(now, boot);
            Resumed { clocks, step: Step::Forward, off: Duration::ZERO, before: None }
        };
        let resumed = stored.map_or_else(first, |stored| stored.resume(now, boot));
        self.clocks = Some(resumed.clocks);
        self.recorded_clocks = stored;
        if stored
            .is_none_or(|stored| stored.boot != boot || stored.steady_ahead != resumed.clocks.steady_ahead)
        {
            self.record_clocks(out);
        }
        resumed
    }

    /// Arms a task as it was armed when that was stored.
    pub(super) fn recall_due(&mut self, now: Moment, id: TaskId, stored: Due<Stamp>, after: &Resumed) {
        let Some(trigger) = self.tasks.get(&id).map(|task| task.spec.trigger.clone()) else {
            return;
        };
        let Due::At(stored) = stored else {
            self.arm(now, id, stored.map(|stored| When::Schedule(stored.wall)));
            return;
        };
        let at = after.clocks.boot_of(stored.steady);
        let (when, at) = match &trigger {
            Trigger::Calendar(schedule) => self.recall_schedule(now, schedule, stored, after),
            trigger => {
                let at = trigger.period().map_or(at, |period| at.min(now.boot.after(period)));
                (When::Span(at), at)
            }
        };
        self.arm_at(now, id, when, at);
    }

    /// Returns when a schedule comes, and when it is looked at.
    fn recall_schedule(&self, now: Moment, schedule: &str, stored: Stamp, after: &Resumed) -> (When, Boot) {
        let at = after.clocks.boot_of(stored.steady);
        let planned = When::Schedule(stored.wall);
        let next = When::Schedule(self.replan(now, schedule, stored.wall, after.step));
        let lagged = after.before.is_some_and(|before| before.planned_ahead(stored));
        if after.clocks.planned_ahead(stored) && stored.wall > now.wall {
            // The clock may never get to what was planned: it comes when the clock gets to the next
            // occurrence, or when enough time has passed for the one planned.
            (planned, at.min(next.boot(now)))
        } else if lagged && stored.wall <= now.wall {
            // The clock was put right, and the occurrence had been missed.
            (planned, now.boot)
        } else {
            (next, next.boot(now))
        }
    }

    /// Returns whether a task is due at another time than is stored.
    pub(super) fn has_moved(&self, now: Moment, id: TaskId, stored: Due<Stamp>) -> bool {
        let Some(task) = self.tasks.get(&id) else { return false };
        let next = self.next_due(now, task);
        match task.due {
            Due::At(When::Schedule(wall)) => stored.at().is_none_or(|stored| stored.wall != wall),
            Due::At(When::Span(_)) | Due::OnEvent | Due::Never => {
                stored.map(|at| at.steady) != next.map(|at| at.steady)
            }
        }
    }

    /// Returns since when a firing counts as held, and whether that differs from what is stored. The
    /// time off does not count: nothing could run, and a wrong clock could make it any length.
    pub(super) fn recall_hold(&self, now: Moment, stored: Option<Stamp>, after: &Resumed) -> (Boot, bool) {
        let Some(stored) = stored else { return (now.boot, true) };
        let since = after.clocks.boot_of(stored.steady);
        let counted = since.after(after.off).min(now.boot);
        (counted, counted != since)
    }

    /// Takes up how well a task's runs went; no attempt is further away than it would be if the run
    /// failed now.
    pub(super) fn recall_health(&mut self, now: Moment, id: TaskId, stored: StoredHealth) {
        let StoredHealth { strikes, attempt, retry_at } = stored;
        let clocks = self.clocks();
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        let retry = task.spec.policy.as_ref().and_then(|policy| policy.retry);
        // One that was planned before the policy was replaced stays planned.
        let wait = retry.and_then(|retry| retry.wait(id, attempt)).unwrap_or(LATEST);
        let retry_at = retry_at.map(|at| clocks.boot_of(at.steady).min(now.boot.after(wait)));
        task.health = Health { strikes, attempt, retry_at };
        if let Some(at) = retry_at {
            self.timers.set(Timer::Retry(id), at, Duration::ZERO);
        }
    }
}
