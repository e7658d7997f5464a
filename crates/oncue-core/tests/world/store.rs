//! The model store: what any store must do with each record, and what it gives back after a start.
//!
//! It refuses nonsense by panicking: a second end, a run of a task that is not there.

use std::collections::BTreeMap;

use oncue_core::{
    Access, Clocks, FamilyName, Guid, InstanceId, Last, LedgerEntry, Outcome, Package, Record, Stored,
    StoredHealth, StoredTask, TaskId, Wall,
};

/// What is durable.
#[derive(Clone, Default)]
pub(crate) struct Store {
    pub(crate) packages: BTreeMap<FamilyName, Package>,
    pub(crate) boot: Option<Guid>,
    pub(crate) clocks: Option<Clocks>,
    /// What the user has said, also of packages that are gone.
    pub(crate) access: BTreeMap<FamilyName, Access>,
    pub(crate) tasks: BTreeMap<TaskId, StoredTask>,
    /// The runs that began and have not ended, as the entries that they get if they are lost.
    pub(crate) unended: BTreeMap<InstanceId, LedgerEntry>,
    pub(crate) ledger: BTreeMap<InstanceId, LedgerEntry>,
}

impl Store {
    /// Takes in the records of one event, all or none.
    pub(crate) fn apply(&mut self, records: &[Record]) {
        for record in records {
            self.take(record.clone());
        }
    }

    /// What the broker gets back when it starts at `now`.
    pub(crate) fn load(&self, now: Wall) -> Stored {
        let lost = |entry: &LedgerEntry| LedgerEntry { ended_at: now, ..entry.clone() };
        Stored {
            packages: self.packages.values().cloned().collect(),
            access: self.access.iter().map(|(family, access)| (family.clone(), *access)).collect(),
            tasks: self.tasks.values().cloned().collect(),
            boot: self.boot,
            clocks: self.clocks,
            unended: self.unended.values().map(lost).collect(),
        }
    }

    fn take(&mut self, record: Record) {
        match record {
            Record::PackageAdded(package) => {
                self.packages.insert(package.family.clone(), *package);
            }
            Record::Booted(boot) => self.boot = Some(boot),
            Record::Clocks(clocks) => self.clocks = Some(clocks),
            Record::PackageRemoved(family) => {
                assert!(self.packages.remove(&family).is_some(), "removed package {family} was stored");
            }
            Record::TaskRegistered { task, package, spec, at: _, next_due } => {
                assert!(self.packages.contains_key(&package), "package {package} of task {task} is stored");
                let new = StoredTask {
                    id: task,
                    package,
                    spec,
                    next_due,
                    held: None,
                    held_since: None,
                    last: None,
                    health: StoredHealth::default(),
                };
                assert!(self.tasks.insert(task, new).is_none(), "task {task} is registered once");
            }
            Record::TaskReplaced { task, package, spec, at: _, next_due, former } => {
                let stored = self.task(task);
                assert_eq!(stored.package, package, "a task stays in its package");
                assert_eq!(stored.spec, former.spec, "what stood before is known");
                stored.spec = spec;
                stored.next_due = next_due;
            }
            Record::TaskRemoved(task) => {
                assert!(self.tasks.remove(&task).is_some(), "removed task {task} was stored");
            }
            Record::Held { task, firing, since, next_due } => {
                assert!(firing.is_some() || since.is_none(), "who waits since then waits");
                let stored = self.task(task);
                stored.held = firing;
                stored.held_since = since;
                stored.next_due = next_due;
            }
            Record::RunBegan { instance, task, name, package, firing, next_due } => {
                let stored = self.task(task);
                stored.held = None;
                stored.held_since = None;
                stored.next_due = next_due;
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
                assert!(self.unended.insert(instance, lost).is_none(), "run {instance} began once");
            }
            Record::Health { task, strikes, attempt, retry_at } => {
                self.task(task).health = StoredHealth { strikes, attempt, retry_at };
            }
            Record::AccessSet { package, access } => {
                self.access.insert(package, access);
            }
            Record::Ended(entry) => self.end(*entry),
        }
    }

    fn end(&mut self, entry: LedgerEntry) {
        let without_run = matches!(entry.outcome, Outcome::Skipped | Outcome::Dropped | Outcome::Coalesced);
        let began = self.unended.remove(&entry.instance).is_some();
        assert_eq!(began, !without_run, "what ends as {:?} began or never did", entry.outcome);
        if let Some(task) = self.tasks.get_mut(&entry.task).filter(|_| entry.outcome.is_last()) {
            let (instance, outcome, ended_at) = (entry.instance, entry.outcome, entry.ended_at);
            task.last = Some(Last { instance, outcome, ended_at });
        }
        let instance = entry.instance;
        assert!(self.ledger.insert(instance, entry).is_none(), "firing {instance} ended once");
    }

    fn task(&mut self, task: TaskId) -> &mut StoredTask {
        self.tasks.get_mut(&task).expect("what is recorded of a task comes while it is stored")
    }
}
