//! What is recorded, in memory: as the broker's store holds it, and what a loss of power takes back.

use std::collections::BTreeMap;
use std::mem::take;

use oncue_core::{
    Access, Clocks, FamilyName, Guid, InstanceId, Last, LedgerEntry, Outcome, Package, Record, Stored,
    StoredHealth, StoredTask, TaskId, Wall,
};

/// The records of all turns.
#[derive(Default)]
pub(super) struct Journal {
    durable: Tables,
    /// What the last turn recorded, while nobody has been told of it.
    last: Vec<Record>,
}

#[derive(Default)]
struct Tables {
    packages: BTreeMap<FamilyName, Package>,
    access: BTreeMap<FamilyName, Access>,
    tasks: BTreeMap<TaskId, StoredTask>,
    /// The runs without an end, as entries that they get if they are lost.
    unended: BTreeMap<InstanceId, LedgerEntry>,
    ledger: Vec<LedgerEntry>,
    /// The boot in which the last session began.
    boot: Option<Guid>,
    clocks: Option<Clocks>,
}

impl Journal {
    /// Takes in the records of a turn; what somebody is told of is durable before.
    pub(super) fn write(&mut self, records: Vec<Record>, told: bool) {
        if !records.is_empty() {
            self.flush();
            self.last = records;
        }
        if told {
            self.flush();
        }
    }

    /// Makes everything durable.
    pub(super) fn flush(&mut self) {
        for record in take(&mut self.last) {
            self.durable.take(record);
        }
    }

    /// Takes back what nobody has been told of.
    pub(super) fn lose(&mut self) {
        self.last.clear();
    }

    /// Returns how firings ended, the first first; whoever looks has been told.
    pub(super) fn ledger(&mut self) -> &[LedgerEntry] {
        self.flush();
        &self.durable.ledger
    }

    /// Returns what a broker that starts at `now` finds.
    pub(super) fn load(&mut self, now: Wall) -> Stored {
        self.flush();
        let tables = &self.durable;
        let lost = |entry: &LedgerEntry| LedgerEntry { ended_at: now, ..entry.clone() };
        Stored {
            packages: tables.packages.values().cloned().collect(),
            access: tables.access.iter().map(|(family, access)| (family.clone(), *access)).collect(),
            tasks: tables.tasks.values().cloned().collect(),
            boot: tables.boot,
            clocks: tables.clocks,
            unended: tables.unended.values().map(lost).collect(),
        }
    }
}

impl Tables {
    fn take(&mut self, record: Record) {
        match record {
            Record::PackageAdded(package) => {
                self.packages.insert(package.family.clone(), *package);
            }
            Record::Booted(boot) => self.boot = Some(boot),
            Record::Clocks(clocks) => self.clocks = Some(clocks),
            Record::PackageRemoved(family) => {
                self.packages.remove(&family);
            }
            Record::TaskRegistered { task: id, package, spec, at: _, next_due } => {
                let health = StoredHealth::default();
                let new = StoredTask {
                    id,
                    package,
                    spec,
                    next_due,
                    held: None,
                    held_since: None,
                    last: None,
                    health,
                };
                self.tasks.insert(id, new);
            }
            Record::TaskReplaced { task, spec, next_due, .. } => self.of(task, |stored| {
                (stored.spec, stored.next_due) = (spec, next_due);
            }),
            Record::TaskRemoved(task) => {
                self.tasks.remove(&task);
            }
            Record::Held { task, firing, since, next_due } => self.of(task, |stored| {
                (stored.held, stored.held_since, stored.next_due) = (firing, since, next_due);
            }),
            Record::RunBegan { instance, task, name, package, firing, next_due } => {
                self.of(task, |stored| {
                    (stored.held, stored.held_since, stored.next_due) = (None, None, next_due);
                });
                let lost = LedgerEntry {
                    instance,
                    task,
                    name,
                    package,
                    fired_at: firing.at,
                    started_at: None,
                    ended_at: Wall(0),
                    outcome: Outcome::Lost,
                    reason: None,
                    progress: None,
                    firings: firing.count,
                    exit: None,
                    message: None,
                };
                self.unended.insert(instance, lost);
            }
            Record::Health { task, strikes, attempt, retry_at } => {
                self.of(task, |stored| stored.health = StoredHealth { strikes, attempt, retry_at });
            }
            Record::AccessSet { package, access } => {
                self.access.insert(package, access);
            }
            Record::Ended(entry) => {
                self.unended.remove(&entry.instance);
                let (instance, outcome, ended_at) = (entry.instance, entry.outcome, entry.ended_at);
                self.of(entry.task, |stored| stored.last = Some(Last { instance, outcome, ended_at }));
                self.ledger.push(*entry);
            }
        }
    }

    fn of(&mut self, task: TaskId, change: impl FnOnce(&mut StoredTask)) {
        if let Some(stored) = self.tasks.get_mut(&task) {
            change(stored);
        }
    }
}
