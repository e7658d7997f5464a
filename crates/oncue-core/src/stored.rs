//! What the store contains, and how each record changes it.

use alloc::sync::Arc;
use alloc::vec::Vec;

use oncue_types::{
    Access, FamilyName, Firing, Guid, InstanceId, Last, LedgerEntry, Package, PauseScope, Stamp, TaskId,
    TaskSpec,
};

use crate::clocks::Clocks;
use crate::due::{Due, When};
use crate::id::made;
use crate::record::{Record, UsedUp};

/// What the store contains, apart from the ledger.
///
/// [`Stored::apply`] alone defines what a record means. Stores on disk are tested against it, and stores in
/// memory consist of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// The packages, ordered by family name.
    pub packages: Vec<Package>,
    /// What the user allows, by family name; this includes packages that are not installed.
    pub access: Vec<(FamilyName, Access)>,
    /// The tasks, in the order in which they were registered.
    pub tasks: Vec<StoredTask>,
    /// What the user has paused.
    pub pauses: Vec<(PauseScope, StoredPause)>,
    /// The last session that has begun.
    pub session: Option<Guid>,
    /// The last recorded state of the clocks; `None` in a new store.
    pub clocks: Option<Clocks>,
    /// The runs that have begun and not ended, in the order in which they began.
    pub runs: Vec<StoredRun>,
}

/// A task in stored form.
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
    /// The waiting firing.
    pub held: Option<Firing>,
    /// Since when it has waited for its condition; `None` if it waited for the end of a run.
    pub held_since: Option<Stamp>,
    /// How its last run ended.
    pub last: Option<Last>,
    /// Its health.
    pub health: StoredHealth,
}

/// A task's health in stored form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoredHealth {
    /// How many activations in a row crashed or never registered.
    pub strikes: u32,
    /// How many retries have been made or are planned.
    pub attempt: u32,
    /// When the next retry is due.
    pub retry_at: Option<Stamp>,
}

/// A pause in stored form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredPause {
    /// When it began.
    pub since: Stamp,
    /// When it ends, unless only the user ends it.
    pub until: Option<When<Stamp, Stamp>>,
}

/// A run that has not ended, in stored form.
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
    /// The firing.
    pub firing: Firing,
    /// What has used up its firing; `None` if the firing would run again.
    pub used_up: Option<UsedUp>,
}

impl Stored {
    /// Applies one record. Returns the entry if the record adds one to the ledger.
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
            Record::Paused { scope, pause } => put(&mut self.pauses, (scope, pause)),
            Record::Resumed(scope) => drop(take(&mut self.pauses, paused(scope))),
            Record::SessionBegan(session) => self.session = Some(session),
            Record::Clocks(clocks) => self.clocks = Some(clocks),
            Record::Ended(entry) => {
                self.ended(&entry);
                return Some(*entry);
            }
        }
        None
    }

    /// Returns the task with this id.
    #[must_use]
    pub fn task(&self, id: TaskId) -> Option<&StoredTask> {
        find(&self.tasks, made(id.0))
    }

    /// Returns the run with this id, if it has not ended.
    #[must_use]
    pub fn run(&self, id: InstanceId) -> Option<&StoredRun> {
        find(&self.runs, made(id.0))
    }

    /// Returns the package with this family name.
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

    /// Sets a task's waiting firing. A firing that waits again replaces the run that had begun for it.
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

/// A row of a table that is ordered by key.
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

impl Row for (PauseScope, StoredPause) {
    type Key = Option<u128>;

    fn key(&self) -> Option<u128> {
        paused(self.0)
    }
}

/// Returns the key of a pause; that of all tasks comes first.
fn paused(scope: PauseScope) -> Option<u128> {
    match scope {
        PauseScope::All => None,
        PauseScope::Task(task) => Some(made(task.0)),
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

/// Adds a row, or replaces the one with the same key.
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
