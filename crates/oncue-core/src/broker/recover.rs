//! Taking up what was recorded, after a start: tasks are armed again, runs without an end are lost.

use alloc::vec::Vec;

use crate::access::Access;
use crate::broker::Broker;
use crate::clocks::Clocks;
use crate::effect::Effects;
use crate::guid::Guid;
use crate::id::{InstanceId, TaskId};
use crate::moment::{Moment, Stamp};
use crate::package::{FamilyName, Package};
use crate::record::LedgerEntry;
use crate::task::{Firing, Health, Last, Phase, Task, TaskSpec};

/// What the store holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// The packages.
    pub packages: Vec<Package>,
    /// What the user allows, also of packages that are not there.
    pub access: Vec<(FamilyName, Access)>,
    /// The tasks.
    pub tasks: Vec<StoredTask>,
    /// The boot in which the last session began.
    pub boot: Option<Guid>,
    /// How the clocks stood when that was last recorded; nothing in a store that is new.
    pub clocks: Option<Clocks>,
    /// The runs that began and have no end yet, as entries that end now as `Lost`.
    pub unended: Vec<LedgerEntry>,
}

/// A task as the store holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredTask {
    /// Its id.
    pub id: TaskId,
    /// Its package.
    pub package: FamilyName,
    /// What was registered.
    pub spec: TaskSpec,
    /// When its trigger fires next.
    pub next_due: Option<Stamp>,
    /// The firing that waits.
    pub held: Option<Firing>,
    /// Since when it waits for its condition; nothing when it waited for the end of a run.
    pub held_since: Option<Stamp>,
    /// How its last run ended.
    pub last: Option<Last>,
    /// How well its runs went lately.
    pub health: StoredHealth,
}

/// How well a task's runs went lately, as the store holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoredHealth {
    /// How many activations in a row crashed or never registered.
    pub strikes: u32,
    /// How many attempts after the first have been made or are planned.
    pub attempt: u32,
    /// When the next attempt is due.
    pub retry_at: Option<Stamp>,
}

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
        let mut fired: Vec<(TaskId, Firing, Option<Stamp>, bool)> = Vec::new();
        for StoredTask { id, package, spec, next_due, held, held_since, last, health } in stored.tasks {
            let waits = held.is_some();
            self.insert_task(Task {
                id,
                package,
                spec,
                phase: Phase::Armed,
                due: None,
                last,
                health: Health::default(),
            });
            self.recall_due(now, id, next_due, &meanwhile);
            self.recall_health(now, id, health);
            self.look_out(id, None, &mut out);
            let moved = self.has_moved(now, id, next_due);
            fired.extend(held.map(|firing| (id, firing, held_since, moved)));
            if moved && !waits {
                self.record_waiting(now, id, &mut out);
            }
        }
        let lost: Vec<(InstanceId, TaskId)> =
            stored.unended.iter().map(|run| (run.instance, run.task)).collect();
        for entry in stored.unended {
            self.write(entry, &mut out);
        }
        for (id, firing, since, moved) in fired {
            let (since, moved_too) = self.recall_hold(now, since, &meanwhile);
            self.hold(id, firing, since);
            if !self.judge(now, id, &mut out) && (moved || moved_too) {
                self.record_waiting(now, id, &mut out);
            }
        }
        for (_, task) in lost {
            self.retire_one_shot(task, &mut out);
        }
        self.look_at_clocks(now);
        self.keep_clocks(&mut out);
        out
    }
}
