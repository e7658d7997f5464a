//! How long a firing may be delayed so that it shares a wake-up with others.
//!
//! Wake-ups lie on a common grid: the whole minutes of the wall clock, and even fractions of them. A firing
//! waits for the last point of the grid within its slack, or for an earlier wake-up after it is due. It never
//! waits only because another task might become due.

use core::time::Duration;

use oncue_types::{Boot, Moment, Stamp, Wall};

use crate::broker::Broker;
use crate::broker::time::Time;
use crate::due::{Due, When};
use crate::tasks::{Task, TaskKey};
use crate::timers::Timer;

/// The grid's possible steps in seconds; each divides a minute evenly.
const GRID: [u64; 12] = [60, 30, 20, 15, 12, 10, 6, 5, 4, 3, 2, 1];

/// Slack is at most this fraction of the time until the next occurrence.
const SHARE: u32 = 10;

impl Broker {
    /// Sets when the task's trigger fires next, if it fires again.
    pub(super) fn arm(&mut self, now: Moment, task: TaskKey, due: Due<When>) {
        match due {
            Due::At(when) => self.arm_at(now, task, when, when.boot(now)),
            Due::OnEvent | Due::Never => {
                self.timers.clear(Timer::Due(task));
                self.tasks[task].due = due;
            }
        }
    }

    /// Sets when the task's trigger fires next; the broker looks at it then, or at `at` if that is earlier.
    pub(super) fn arm_at(&mut self, now: Moment, key: TaskKey, when: When, at: Boot) {
        let at = at.min(when.boot(now));
        let task = &mut self.tasks[key];
        task.due = Due::At(when);
        let slack = self.time.slack(task, when, self.settings.slack);
        self.timers.set_due(key, at, wait(now, at, slack));
    }

    /// Returns when the task's trigger fires next, in stored form.
    pub(super) fn next_due(&self, now: Moment, task: TaskKey) -> Due<Stamp> {
        let due = self.tasks[task].due;
        due.map(|when| self.time.stamp_due(now, when, self.timers.due(task).unwrap_or(when.boot(now))))
    }
}

impl Time {
    /// Returns a time in stored form; the broker looks at it when the boot clock shows `at`.
    pub(super) fn stamp_due(&self, now: Moment, when: When, at: Boot) -> Stamp {
        let stamp = self.clocks().stamp(now, at);
        match when {
            When::Span(_) => stamp,
            When::Schedule(wall) => Stamp { wall, ..stamp },
        }
    }

    /// Returns how long a firing may be delayed: by the task's own slack or, for intervals, the default, but
    /// never by more than a fraction of the time until the next occurrence.
    pub(super) fn slack(&self, task: &Task, when: When, default: Duration) -> Duration {
        let trigger = task.trigger();
        let asked = task.policy().and_then(|policy| policy.slack);
        let recurs = trigger.period().filter(|_| !trigger.is_one_shot());
        let wanted = asked.unwrap_or(if recurs.is_some() { default } else { Duration::ZERO });
        if wanted.is_zero() {
            return wanted;
        }
        let to_next = match (trigger.schedule(), when) {
            (Some(schedule), When::Schedule(wall)) => self.next(schedule, wall).map(|next| next.since(wall)),
            (Some(_), When::Span(_)) | (None, _) => recurs,
        };
        to_next.map_or(wanted, |span| wanted.min(span / SHARE))
    }
}

/// Returns how long a firing with this slack waits for the grid.
fn wait(now: Moment, at: Boot, slack: Duration) -> Duration {
    let step = GRID.into_iter().map(Duration::from_secs).find(|step| *step <= slack);
    let Some(step) = step.and_then(|step| i64::try_from(step.as_micros()).ok()) else {
        return Duration::ZERO;
    };
    let end = now.wall_at(at.after(slack)).0;
    now.boot_at(Wall(end - end.rem_euclid(step))).since(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_firing_waits_for_the_last_point_of_the_grid_within_its_slack() {
        let now = Moment { wall: Wall(1_790_000_000_000_000), boot: Boot(5) };
        let minute = now.boot_at(Wall(1_790_000_040_000_000));
        for (before, slack, after) in [
            (40, 60, 0),
            (0, 60, 60),
            (1, 60, 0),
            (7, 6, -6),
            (3, 6, 0),
            (3, 9, 6),
            (3, 0, -3),
            (90, 600, 480),
        ] {
            let at = Boot(minute.0 - before * 1_000_000);
            let due = at.after(wait(now, at, Duration::from_secs(slack)));
            assert_eq!(due.0 - minute.0, after * 1_000_000, "{before} s before, {slack} s of slack");
        }
        let half = Duration::from_millis(500);
        assert_eq!(wait(now, minute, half), Duration::ZERO, "there is no grid below a second");
    }
}
