//! What the store holds, and what each record changes of it.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::access::Access;
use crate::clocks::Clocks;
use crate::due::Due;
use crate::guid::Guid;
use crate::id::{InstanceId, TaskId};
use crate::moment::Stamp;
use crate::package::{FamilyName, Package};
use crate::record::{LedgerEntry, Record, UsedUp};
use crate::task::{Firing, Last, TaskSpec};

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
    /// The runs that began and have no end yet.
    pub runs: Vec<StoredRun>,
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
    pub next_due: Due<Stamp>,
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

/// A run without an end, as the store holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRun {
    /// Its id.
    pub instance: InstanceId,
    /// Its task, which may be unregistered.
    pub task: TaskId,
    /// The task's name.
    pub name: Arc<str>,
    /// Its package.
    pub package: FamilyName,
    /// What it answers.
    pub firing: Firing,
    /// What has used up its firing; nothing while it fires again.
    pub used_up: Option<UsedUp>,
}

/// A store in memory: what each record changes, and what a broker gets back when it starts. Stores on
/// disk are held to it.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    packages: BTreeMap<FamilyName, Package>,
    access: BTreeMap<FamilyName, Access>,
    tasks: BTreeMap<TaskId, StoredTask>,
    runs: BTreeMap<InstanceId, StoredRun>,
    boot: Option<Guid>,
    clocks: Option<Clocks>,
    ledger: Vec<LedgerEntry>,
}

impl Tables {
    /// Returns what a broker that starts now is given.
    #[must_use]
    pub fn stored(&self) -> Stored {
        Stored {
            packages: self.packages.values().cloned().collect(),
            access: self.access.iter().map(|(family, access)| (family.clone(), *access)).collect(),
            tasks: self.tasks.values().cloned().collect(),
            boot: self.boot,
            clocks: self.clocks,
            runs: self.runs.values().cloned().collect(),
        }
    }

    /// Returns the packages by family name.
    #[must_use]
    pub fn packages(&self) -> &BTreeMap<FamilyName, Package> {
        &self.packages
    }

    /// Returns what the user allows, by family name.
    #[must_use]
    pub fn access(&self) -> &BTreeMap<FamilyName, Access> {
        &self.access
    }

    /// Returns the tasks by id.
    #[must_use]
    pub fn tasks(&self) -> &BTreeMap<TaskId, StoredTask> {
        &self.tasks
    }

    /// Returns the runs without an end by id.
    #[must_use]
    pub fn runs(&self) -> &BTreeMap<InstanceId, StoredRun> {
        &self.runs
    }

    /// Returns the ledger in the order in which it was written.
    #[must_use]
    pub fn ledger(&self) -> &[LedgerEntry] {
        &self.ledger
    }

    /// Takes in one record.
    pub fn apply(&mut self, record: Record) {
        match record {
            Record::PackageAdded(package) => drop(self.packages.insert(package.family.clone(), *package)),
            Record::PackageRemoved(family) => drop(self.packages.remove(&family)),
            Record::TaskRegistered { task, package, spec, at: _, next_due }
            | Record::TaskReplaced { task, package, spec, at: _, next_due, former: _ } => {
                self.registered(task, package, spec, next_due);
            }
            Record::TaskRemoved(task) => drop(self.tasks.remove(&task)),
            Record::Held { task, firing, since, next_due } => self.held(task, firing, since, next_due),
            Record::RunBegan { instance, task, name, package, firing, next_due } => {
                let run = StoredRun { instance, task, name, package, firing, used_up: None };
                self.runs.insert(instance, run);
                self.held(task, None, None, next_due);
            }
            Record::UsedUp { instance, by } => {
                if let Some(run) = self.runs.get_mut(&instance) {
                    run.used_up = Some(by);
                }
            }
            Record::Health { task, strikes, attempt, retry_at } => {
                self.change(task, |task| task.health = StoredHealth { strikes, attempt, retry_at });
            }
            Record::AccessSet { package, access } => drop(self.access.insert(package, access)),
            Record::Booted(boot) => self.boot = Some(boot),
            Record::Clocks(clocks) => self.clocks = Some(clocks),
            Record::Ended(entry) => self.ended(*entry),
        }
    }

    fn registered(&mut self, id: TaskId, package: FamilyName, spec: TaskSpec, next_due: Due<Stamp>) {
        let new = match self.tasks.remove(&id) {
            Some(before) => StoredTask { package, spec, next_due, ..before },
            None => StoredTask {
                id,
                package,
                spec,
                next_due,
                held: None,
                held_since: None,
                last: None,
                health: StoredHealth::default(),
            },
        };
        self.tasks.insert(id, new);
    }

    /// A firing that waits again takes the place of the run that had begun to answer it.
    fn held(&mut self, id: TaskId, firing: Option<Firing>, since: Option<Stamp>, next_due: Due<Stamp>) {
        if let Some(begun) = firing.as_ref().and_then(|firing| firing.begun) {
            self.runs.remove(&begun.run);
        }
        self.change(id, |task| {
            (task.held, task.held_since, task.next_due) = (firing, since, next_due);
        });
    }

    fn ended(&mut self, entry: LedgerEntry) {
        let LedgerEntry { instance, outcome, ended_at, .. } = entry;
        self.runs.remove(&instance);
        if outcome.is_last() {
            self.change(entry.task, |task| task.last = Some(Last { instance, outcome, ended_at }));
        }
        self.ledger.push(entry);
    }

    fn change(&mut self, task: TaskId, change: impl FnOnce(&mut StoredTask)) {
        if let Some(stored) = self.tasks.get_mut(&task) {
            change(stored);
        }
    }
}
