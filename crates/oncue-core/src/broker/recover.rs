//! Recovery after a start: tasks are armed again, firings that were not used up fire again, and runs that
//! were entered and have no end are recorded as lost.
//!
//! No deadline depends on a wall clock that was wrong at any time: spans follow the steady clock and
//! schedules the wall clock, and neither fires later than if it were registered now.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use oncue_types::{Begun, Boot, Firing, Guid, LATEST_RETRY, LedgerEntry, Moment, Outcome, Stamp};

use crate::broker::Broker;
use crate::broker::packages::Packages;
use crate::broker::time::Time;
use crate::clocks::Resumed;
use crate::due::{Due, When};
use crate::effect::Effects;
use crate::record::UsedUp;
use crate::stored::{Stored, StoredHealth, StoredRun, StoredTask};
use crate::task::Health;
use crate::tasks::{TaskKey, Waiting};
use crate::timers::Timer;

/// The ledger's message for a run whose end was not observed.
const LOST: &str = "the broker ended before the run did";
/// The ledger's message for a run that was cancelled before it was entered.
const CANCELLED: &str = "cancelled before a server entered it; the broker ended before the run did";
/// The ledger's message for a run that has no task to fire again.
const NEVER_ENTERED: &str = "unregistered, and the broker ended before a server entered the run";

/// A run that had not ended when the broker did, and ends now.
struct Over {
    entry: LedgerEntry,
    /// Its task, if that is still registered.
    task: Option<TaskKey>,
}

/// The waiting firings, each with the time since which it has waited for its condition.
type Firings = BTreeMap<TaskKey, (Firing, Option<Stamp>)>;

impl Broker {
    /// Restores what was recorded. Must be called once, before any event. `boot` is the id of this boot, if
    /// the system has one.
    pub fn recover(&mut self, now: Moment, boot: Option<Guid>, stored: Stored) -> Effects {
        let mut out = Effects::default();
        let meanwhile = self.time.resume(now, boot, (stored.clocks, stored.session), &mut out);
        self.packages = Packages::recalled(stored.packages, stored.access);
        let mut waiting = Firings::new();
        let mut moved = Vec::new();
        for StoredTask { id, package, spec, next_due, held, held_since, last, health } in stored.tasks {
            let key = self.tasks.insert(id, &package, spec);
            self.tasks[key].last = last;
            waiting.extend(held.map(|firing| (key, (firing, held_since))));
            self.recall_due(now, key, next_due, &meanwhile);
            self.recall_health(now, key, health);
            self.look_out(key, None, &mut out);
            moved.extend(self.has_moved(now, key, next_due).then_some(key));
        }
        self.recall_pauses(now, stored.pauses, meanwhile.step, &mut out);
        self.look_for_lost_followers();
        let over = self.recover_runs(now, stored.runs, &mut waiting, &mut out);
        for (key, (firing, since)) in waiting {
            let (since, is_new) = self.time.recall_hold(now, since, &meanwhile);
            let waiting = Waiting { firing, since };
            if let Some(waiting) = self.start_if_allowed(now, key, waiting, &mut out) {
                self.hold(key, waiting);
                if is_new {
                    self.record_waiting(now, key, &mut out);
                }
            }
        }
        // All that waited has its place now, so that what these fire can join it.
        for Over { entry, task } in &over {
            let notify = self.notify_about(*task);
            self.tell_of_end(now, entry.clone(), notify, &mut out);
        }
        // A run that began and ended at once may have ended the registration of any of these.
        for key in moved {
            if self.tasks.get(key).is_some() {
                self.record_waiting(now, key, &mut out);
            }
        }
        for key in over.into_iter().filter_map(|over| over.task) {
            if self.tasks.get(key).is_some() {
                self.retire_one_shot(key, &mut out);
            }
        }
        self.look_at_clocks(now);
        self.look_at_need(now, &mut out);
        self.time.keep(&mut out);
        out
    }

    /// Makes the runs that no server had entered wait again, and ends the others, which it returns.
    fn recover_runs(
        &mut self,
        now: Moment,
        runs: Vec<StoredRun>,
        waiting: &mut Firings,
        out: &mut Effects,
    ) -> Vec<Over> {
        let mut over = Vec::new();
        for StoredRun { instance, task, name, package, firing, used_up } in runs {
            let begun = Some(Begun { run: instance, firings: firing.count });
            let firing = Firing { begun, ..firing };
            let key = self.tasks.key(task);
            if let Some(key) = key.filter(|_| used_up.is_none()) {
                let all = match waiting.remove(&key) {
                    Some((later, _)) => firing.and(&later),
                    None => firing,
                };
                waiting.insert(key, (all, None));
                continue;
            }
            let (outcome, reason, why, firings) = match used_up {
                Some(UsedUp::Entered) => (Outcome::Lost, None, LOST, firing.count),
                Some(UsedUp::Cancelled(reason)) => {
                    (Outcome::Cancelled, Some(reason), CANCELLED, firing.count)
                }
                None => (Outcome::Dropped, None, NEVER_ENTERED, firing.untold()),
            };
            let entry = LedgerEntry::of(instance, (task, name, package), &firing, outcome, now.wall);
            let entry = LedgerEntry { reason, firings, message: Some(why.into()), ..entry };
            self.write(key, entry.clone(), out);
            over.push(Over { entry, task: key });
        }
        over
    }

    /// Arms a task as it was armed when it was stored.
    fn recall_due(&mut self, now: Moment, key: TaskKey, stored: Due<Stamp>, after: &Resumed) {
        let Due::At(stored) = stored else {
            self.arm(now, key, stored.map(|stored| When::Schedule(stored.wall)));
            return;
        };
        let at = after.clocks.boot_of(stored.steady);
        let trigger = self.tasks[key].trigger();
        let (when, at) = match trigger.schedule() {
            Some(schedule) => self.time.recall_schedule(now, schedule, stored, after),
            None => {
                let at = trigger.period().map_or(at, |period| at.min(now.boot.after(period)));
                (When::Span(at), at)
            }
        };
        self.arm_at(now, key, when, at);
    }

    /// Returns whether a task is due at a different time than stored.
    fn has_moved(&self, now: Moment, key: TaskKey, stored: Due<Stamp>) -> bool {
        let next = self.next_due(now, key);
        match self.tasks[key].due {
            Due::At(When::Schedule(wall)) => stored.at().is_none_or(|stored| stored.wall != wall),
            Due::At(When::Span(_)) | Due::OnEvent | Due::Never => {
                stored.map(|at| at.steady) != next.map(|at| at.steady)
            }
        }
    }

    /// Restores a task's health. A retry is never further away than it would be if the run failed now.
    fn recall_health(&mut self, now: Moment, key: TaskKey, stored: StoredHealth) {
        let StoredHealth { strikes, attempt, retry_at } = stored;
        let task = &mut self.tasks[key];
        let retry = task.policy().and_then(|policy| policy.retry);
        // A retry that was planned before the policy was replaced stays planned.
        let wait = retry.and_then(|retry| retry.wait(task.id(), attempt)).unwrap_or(LATEST_RETRY);
        let clocks = self.time.clocks();
        let retry_at = retry_at.map(|at| clocks.boot_of(at.steady).min(now.boot.after(wait)));
        task.set_health(Health { strikes, attempt, retry_at });
        if let Some(at) = retry_at {
            self.timers.set(Timer::Retry(key), at);
        }
    }
}

impl Time {
    /// Returns when a schedule fires next, and when the broker looks at it.
    fn recall_schedule(&self, now: Moment, schedule: &str, stored: Stamp, after: &Resumed) -> (When, Boot) {
        let at = after.clocks.boot_of(stored.steady);
        let planned = When::Schedule(stored.wall);
        let next = When::Schedule(self.replan(now, schedule, stored.wall, after.step));
        let lagged = after.before.is_some_and(|before| before.planned_ahead(stored));
        if after.clocks.planned_ahead(stored) && stored.wall > now.wall {
            // The clock may never reach the planned time. The schedule fires when the clock reaches the next
            // occurrence, or when enough time has passed for the planned one.
            (planned, at.min(next.boot(now)))
        } else if lagged && stored.wall <= now.wall {
            // The clock was corrected, and the occurrence was missed.
            (planned, now.boot)
        } else {
            (next, next.boot(now))
        }
    }

    /// Returns since when a firing counts as held, and whether that differs from what is stored. The time off
    /// does not count: nothing could run then, and a wrong clock could make it any length.
    fn recall_hold(&self, now: Moment, stored: Option<Stamp>, after: &Resumed) -> (Boot, bool) {
        let Some(stored) = stored else { return (now.boot, true) };
        let since = after.clocks.boot_of(stored.steady);
        let counted = since.after(after.off).min(now.boot);
        (counted, counted != since)
    }
}
