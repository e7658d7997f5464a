//! What the store holds, and what each record changes of it.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::access::Access;
use crate::clocks::Clocks;
use crate::due::Due;
use crate::guid::Guid;
use crate::id::{InstanceId, TaskId, made};
use crate::moment::Stamp;
use crate::package::{FamilyName, Package};
use crate::record::{LedgerEntry, Record, UsedUp};
use crate::task::{Firing, Last, TaskSpec};

/// What the store holds, besides the ledger.
///
/// [`Stored::apply`] is the one place that says what a record means. Stores on disk are tested against
/// it, and stores in memory are made of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// The packages, by family name.
    pub packages: Vec<Package>,
    /// What the user allows, by family name; also of packages that are not installed.
    pub access: Vec<(FamilyName, Access)>,
    /// The tasks, in the order in which they were registered.
    pub tasks: Vec<StoredTask>,
    /// The boot in which the last session began.
    pub boot: Option<Guid>,
    /// How the clocks stood when that was last recorded; nothing in a store that is new.
    pub clocks: Option<Clocks>,
    /// The runs that began and have no end yet, in the order in which they began.
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

impl Stored {
    /// Takes in one record. Returns the entry if the record adds one to the ledger.
    pub fn apply(&mut self, record: Record) -> Option<LedgerEntry> {
        match record {
            Record::PackageAdded(package) => put(&mut self.packages, *package),
            Record::PackageRemoved(family) => drop(take(&mut self.packages, family)),
            Record::TaskRegistered { task, package, spec, at: _, next_due }
            | Record::TaskReplaced { task, package, spec, at: _, next_due, former: _ } => {
                self.registered(task, package, spec, next_due);
            }
            Record::TaskRemoved(task) => drop(take(&mut self.tasks, made(task.0))),
            Record::Held { task, firing, since, next_due } => self.held(task, firing, since, next_due),
            Record::RunBegan { instance, task, name, package, firing, next_due } => {
                put(&mut self.runs, StoredRun { instance, task, name, package, firing, used_up: None });
                self.held(task, None, None, next_due);
            }
            Record::UsedUp { instance, by } => {
                change(&mut self.runs, made(instance.0), |run| run.used_up = Some(by));
            }
            Record::Health { task, strikes, attempt, retry_at } => {
                let health = StoredHealth { strikes, attempt, retry_at };
                change(&mut self.tasks, made(task.0), |task| task.health = health);
            }
            Record::AccessSet { package, access } => put(&mut self.access, (package, access)),
            Record::Booted(boot) => self.boot = Some(boot),
            Record::Clocks(clocks) => self.clocks = Some(clocks),
            Record::Ended(entry) => {
                self.ended(&entry);
                return Some(*entry);
            }
        }
        None
    }

    /// Returns the task of that id.
    #[must_use]
    pub fn task(&self, id: TaskId) -> Option<&StoredTask> {
        find(&self.tasks, made(id.0))
    }

    /// Returns the run of that id, if it has no end yet.
    #[must_use]
    pub fn run(&self, id: InstanceId) -> Option<&StoredRun> {
        find(&self.runs, made(id.0))
    }

    /// Returns the package of that family.
    #[must_use]
    pub fn package(&self, family: &FamilyName) -> Option<&Package> {
        find(&self.packages, family.clone())
    }

    fn registered(&mut self, id: TaskId, package: FamilyName, spec: TaskSpec, next_due: Due<Stamp>) {
        let new = match take(&mut self.tasks, made(id.0)) {
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
        put(&mut self.tasks, new);
    }

    /// A firing that waits again takes the place of the run that had begun to answer it.
    fn held(&mut self, id: TaskId, firing: Option<Firing>, since: Option<Stamp>, next_due: Due<Stamp>) {
        if let Some(begun) = firing.as_ref().and_then(|firing| firing.begun) {
            take(&mut self.runs, made(begun.run.0));
        }
        change(&mut self.tasks, made(id.0), |task| {
            (task.held, task.held_since, task.next_due) = (firing, since, next_due);
        });
    }

    fn ended(&mut self, entry: &LedgerEntry) {
        let LedgerEntry { instance, outcome, ended_at, .. } = *entry;
        take(&mut self.runs, made(instance.0));
        if outcome.is_last() {
            let last = Some(Last { instance, outcome, ended_at });
            change(&mut self.tasks, made(entry.task.0), |task| task.last = last);
        }
    }
}

/// A row of a table that is kept in the order of its keys.
trait Row {
    type Key: Ord;

    fn key(&self) -> Self::Key;
}

impl Row for Package {
    type Key = FamilyName;

    fn key(&self) -> FamilyName {
        self.family.clone()
    }
}

impl Row for (FamilyName, Access) {
    type Key = FamilyName;

    fn key(&self) -> FamilyName {
        self.0.clone()
    }
}

impl Row for StoredTask {
    type Key = u128;

    fn key(&self) -> u128 {
        made(self.id.0)
    }
}

impl Row for StoredRun {
    type Key = u128;

    fn key(&self) -> u128 {
        made(self.instance.0)
    }
}

fn find<R: Row>(rows: &[R], key: R::Key) -> Option<&R> {
    rows.binary_search_by_key(&key, Row::key).ok().map(|at| &rows[at])
}

fn change<R: Row>(rows: &mut [R], key: R::Key, change: impl FnOnce(&mut R)) {
    if let Ok(at) = rows.binary_search_by_key(&key, Row::key) {
        change(&mut rows[at]);
    }
}

/// Adds a row, in the place of one that has its key.
fn put<R: Row>(rows: &mut Vec<R>, new: R) {
    match rows.binary_search_by_key(&new.key(), Row::key) {
        Ok(at) => rows[at] = new,
        Err(at) => rows.insert(at, new),
    }
}

fn take<R: Row>(rows: &mut Vec<R>, key: R::Key) -> Option<R> {
    let at = rows.binary_search_by_key(&key, Row::key).ok()?;
    Some(rows.remove(at))
}
