//! Taking up what was recorded, after a start: tasks are armed again, runs without an end are lost.

use alloc::vec::Vec;

use crate::access::Access;
use crate::broker::Broker;
use crate::effect::Effects;
use crate::guid::Guid;
use crate::id::{InstanceId, TaskId};
use crate::moment::{Moment, Wall};
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
    pub next_due: Option<Wall>,
    /// The firing that waits.
    pub held: Option<Firing>,
    /// Since when it waits for its condition; nothing when it waited for the end of a run.
    pub held_since: Option<Wall>,
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
    pub retry_at: Option<Wall>,
}

impl Broker {
    /// Takes up what was recorded; call it once, before any event.
    pub fn recover(&mut self, now: Moment, stored: Stored) -> Effects {
        let mut out = Effects::default();
        self.booted = stored.boot;
        self.access = stored.access.into_iter().collect();
        for package in stored.packages {
            self.packages.insert(package.family.clone(), package);
        }
        let mut fired: Vec<(TaskId, Firing, Option<Wall>)> = Vec::new();
        for StoredTask { id, package, spec, next_due, held, held_since, last, health } in stored.tasks {
            fired.extend(held.map(|firing| (id, firing, held_since)));
            self.insert_task(Task {
                id,
                package,
                spec,
                phase: Phase::Armed,
                due: None,
                last,
                health: Health::default(),
            });
            self.arm(id, next_due.map(|due| now.boot_at(due)));
            self.look_out(id, None, &mut out);
            let StoredHealth { strikes, attempt, retry_at } = health;
            self.recover_health(
                id,
                Health { strikes, attempt, retry_at: retry_at.map(|at| now.boot_at(at)) },
            );
        }
        let lost: Vec<(InstanceId, TaskId)> =
            stored.unended.iter().map(|run| (run.instance, run.task)).collect();
        for entry in stored.unended {
            self.write(entry, &mut out);
        }
        for (id, firing, since) in fired {
            self.hold(id, firing, since.map_or(now.boot, |since| now.boot_at(since)));
            if !self.judge(now, id, &mut out) && since.is_none() {
                self.record_waiting(now, id, &mut out);
            }
        }
        for (_, task) in lost {
            self.retire_one_shot(task, &mut out);
        }
        out
    }
}
