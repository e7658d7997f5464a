//! Taking up what was recorded, after a start: tasks are armed again, what was not used up fires again,
//! and runs that were entered and have no end are lost.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::broker::Broker;
use crate::due::Due;
use crate::effect::Effects;
use crate::guid::Guid;
use crate::id::TaskId;
use crate::moment::{Moment, Stamp};
use crate::record::{LedgerEntry, UsedUp};
use crate::run::Outcome;
use crate::stored::{Stored, StoredRun, StoredTask};
use crate::task::{Begun, Firing, Health, Phase, Task};

/// What the ledger says of a run whose end nobody saw.
const LOST: &str = "the broker ended before the run did";
/// What it says of a run that was cancelled on its way.
const CANCELLED: &str = "cancelled before a server entered it; the broker ended before the run did";
/// What it says of a run that has no task to fire again.
const NEVER_ENTERED: &str = "unregistered, and the broker ended before a server entered the run";

/// The firings that wait, each with the time since when it waits for its condition.
type Waiting = BTreeMap<TaskId, (Firing, Option<Stamp>)>;

impl Broker {
    /// Takes up what was recorded; call it once, before any event. `boot` names this boot, where the
    /// system does.
    pub fn recover(&mut self, now: Moment, boot: Option<Guid>, stored: Stored) -> Effects {
        let mut out = Effects::default();
        let meanwhile = self.resume_clocks(now, boot, stored.clocks, &mut out);
        self.booted = stored.boot;
        self.access = stored.access.into_iter().collect();
        for package in stored.packages {
            self.packages.insert(package.family.clone(), package);
        }
        let mut waiting = Waiting::new();
        let mut moved = Vec::new();
        for StoredTask { id, package, spec, next_due, held, held_since, last, health } in stored.tasks {
            waiting.extend(held.map(|firing| (id, (firing, held_since))));
            self.insert_task(Task {
                id,
                package,
                spec,
                phase: Phase::Armed,
                due: Due::Never,
                last,
                health: Health::default(),
            });
            self.recall_due(now, id, next_due, &meanwhile);
            self.recall_health(now, id, health);
            self.look_out(id, None, &mut out);
            moved.extend(self.has_moved(now, id, next_due).then_some(id));
        }
        let over = self.recover_runs(now, stored.runs, &mut waiting, &mut out);
        for (id, (firing, since)) in waiting {
            let (since, is_new) = self.recall_hold(now, since, &meanwhile);
            self.hold(id, firing, since);
            if !self.judge(now, id, &mut out) && is_new {
                self.record_waiting(now, id, &mut out);
            }
        }
        for id in moved {
            self.record_waiting(now, id, &mut out);
        }
        for task in over {
            self.retire_one_shot(task, &mut out);
        }
        self.look_at_clocks(now);
        self.keep_clocks(&mut out);
        out
    }

    /// Lets the runs wait again that no server had entered, and ends the others; returns the tasks of
    /// those.
    fn recover_runs(
        &mut self,
        now: Moment,
        runs: Vec<StoredRun>,
        waiting: &mut Waiting,
        out: &mut Effects,
    ) -> Vec<TaskId> {
        let mut over = Vec::new();
        for StoredRun { instance, task, name, package, firing, used_up } in runs {
            let begun = Some(Begun { run: instance, firings: firing.count });
            let firing = Firing { begun, ..firing };
            if used_up.is_none() && self.tasks.contains_key(&task) {
                let all = match waiting.remove(&task) {
                    Some((later, _)) => firing.and(&later),
                    None => firing,
                };
                waiting.insert(task, (all, None));
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
            self.write(LedgerEntry { reason, firings, message: Some(why.into()), ..entry }, out);
            over.push(task);
        }
        over
    }
}
