//! The same records, applied to maps: what the store must hold after them.

use std::collections::BTreeMap;

use oncue_core::{
    Access, Clocks, FamilyName, Guid, InstanceId, Last, LedgerEntry, Outcome, Package, Record, Stored,
    StoredHealth, StoredTask, TaskId,
};

use super::sample::{Die, NOW, Place};
use crate::store::{Of, Store};

/// A store without a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Model {
    packages: BTreeMap<FamilyName, Package>,
    tasks: BTreeMap<TaskId, StoredTask>,
    runs: BTreeMap<InstanceId, LedgerEntry>,
    /// The latest first.
    ledger: Vec<LedgerEntry>,
    access: BTreeMap<FamilyName, Access>,
    boot: Option<Guid>,
    clocks: Option<Clocks>,
}

impl Model {
    pub(super) fn after(records: &[Record]) -> Self {
        let mut model = Self::default();
        records.iter().for_each(|record| model.apply(record.clone()));
        model
    }

    pub(super) fn of(store: &Store) -> Self {
        let Stored { packages, access, tasks, unended, boot, clocks } = store.load(NOW).unwrap();
        Self {
            packages: packages.into_iter().map(|package| (package.family.clone(), package)).collect(),
            tasks: tasks.into_iter().map(|task| (task.id, task)).collect(),
            runs: unended.into_iter().map(|run| (run.instance, run)).collect(),
            access: access.into_iter().collect(),
            boot,
            clocks,
            ledger: store.history(Of::All, usize::MAX).unwrap(),
        }
    }

    pub(super) fn alive(&self) -> Vec<InstanceId> {
        self.runs.keys().copied().collect()
    }

    pub(super) fn apply(&mut self, record: Record) {
        match record {
            Record::PackageAdded(package) => {
                self.packages.insert(package.family.clone(), *package);
            }
            Record::Booted(boot) => self.boot = Some(boot),
            Record::Clocks(clocks) => self.clocks = Some(clocks),
            Record::PackageRemoved(family) => {
                self.packages.remove(&family);
            }
            Record::TaskRegistered { task: id, package, spec, at: _, next_due }
            | Record::TaskReplaced { task: id, package, spec, at: _, next_due, former: _ } => {
                let before = self.tasks.remove(&id);
                let new = StoredTask {
                    id,
                    package: package.clone(),
                    spec: spec.clone(),
                    next_due,
                    held: None,
                    held_since: None,
                    last: None,
                    health: StoredHealth::default(),
                };
                self.tasks.insert(id, StoredTask { package, spec, next_due, ..before.unwrap_or(new) });
            }
            Record::TaskRemoved(id) => {
                self.tasks.remove(&id);
            }
            Record::Health { task, strikes, attempt, retry_at } => {
                self.change(task, |task| task.health = StoredHealth { strikes, attempt, retry_at });
            }
            Record::AccessSet { package, access } => {
                self.access.insert(package, access);
            }
            Record::Held { task, firing, since, next_due } => self.change(task, |task| {
                task.held = firing;
                task.held_since = since;
                task.next_due = next_due;
            }),
            Record::RunBegan { instance, task, name, package, firing, next_due } => {
                self.change(task, |task| {
                    task.held = None;
                    task.held_since = None;
                    task.next_due = next_due;
                });
                let lost = LedgerEntry {
                    instance,
                    task,
                    name,
                    package,
                    fired_at: firing.at,
                    started_at: None,
                    ended_at: NOW,
                    outcome: Outcome::Lost,
                    reason: None,
                    progress: None,
                    firings: firing.count,
                    exit: None,
                    message: Some("the broker ended before the run did".to_owned()),
                };
                self.runs.insert(instance, lost);
            }
            Record::Ended(entry) => {
                let LedgerEntry { instance, outcome, ended_at, .. } = *entry;
                self.runs.remove(&instance);
                if outcome != Outcome::Coalesced {
                    self.change(entry.task, |task| task.last = Some(Last { instance, outcome, ended_at }));
                }
                self.ledger.insert(0, *entry);
            }
        }
    }

    fn change(&mut self, task: TaskId, change: impl FnOnce(&mut StoredTask)) {
        if let Some(task) = self.tasks.get_mut(&task) {
            change(task);
        }
    }
}

#[test]
fn what_is_loaded_is_what_the_records_say() {
    let mut die = Die(1);
    for _ in 0..40 {
        let place = Place::new();
        let (mut store, mut model) = (place.open(), Model::default());
        for _ in 0..die.below(12) {
            let records: Vec<_> = (0..die.below(12))
                .map(|_| {
                    let record = die.record(&model.alive());
                    model.apply(record.clone());
                    record
                })
                .collect();
            store.append(&records).unwrap();
            if die.below(4) == 0 {
                drop(store);
                store = place.open();
            }
            assert_eq!(Model::of(&store), model);
        }
    }
}

#[test]
fn each_kind_of_record_alone_comes_back() {
    let mut die = Die(2);
    for _ in 0..100 {
        let (place, record) = (Place::new(), die.record(&[]));
        place.open().append(std::slice::from_ref(&record)).unwrap();
        assert_eq!(Model::of(&place.open()), Model::after(&[record]));
    }
}

#[test]
fn tasks_come_in_the_order_of_their_registration() {
    let place = Place::new();
    let mut store = place.open();
    let mut die = Die(3);
    // The lower half counts, as in the broker's own ids; the upper half is in no order.
    let ids: Vec<_> = (1..50_u128)
        .map(|count| TaskId(oncue_core::Guid::from_u128(u128::from(die.below(u64::MAX)) << 64 | count)))
        .collect();
    for id in &ids {
        let Record::TaskRegistered { package, spec, at, next_due, .. } = die.registered() else {
            unreachable!("it registers")
        };
        store.append(&[Record::TaskRegistered { task: *id, package, spec, at, next_due }]).unwrap();
    }
    let loaded: Vec<_> = store.load(NOW).unwrap().tasks.into_iter().map(|task| task.id).collect();
    assert_eq!(loaded, ids);
}
