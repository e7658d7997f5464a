//! The same records applied to maps, which the store must match.

use oncue_core::{InstanceId, LedgerEntry, Record, Stored, Tables, TaskId};

use super::sample::{Die, Place};
use super::whole;
use crate::store::{Of, Store};

/// A store without a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Model(Tables);

/// The contents of a store, in a fixed order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Held {
    stored: Stored,
    /// Latest first.
    ledger: Vec<LedgerEntry>,
}

impl Model {
    pub(super) fn after(records: &[Record]) -> Held {
        let mut model = Self::default();
        records.iter().for_each(|record| model.apply(record.clone()));
        model.held()
    }

    pub(super) fn of(store: &Store) -> Held {
        Held::new(store.load().unwrap(), whole(store, &Of::All, usize::MAX).unwrap())
    }

    pub(super) fn held(&self) -> Held {
        Held::new(self.0.stored(), self.0.ledger().iter().rev().cloned().collect())
    }

    pub(super) fn alive(&self) -> Vec<InstanceId> {
        self.0.runs().keys().copied().collect()
    }

    pub(super) fn apply(&mut self, record: Record) {
        self.0.apply(record);
    }
}

impl Held {
    fn new(mut stored: Stored, ledger: Vec<LedgerEntry>) -> Self {
        stored.packages.sort_by(|a, b| a.family.cmp(&b.family));
        stored.access.sort_by(|a, b| a.0.cmp(&b.0));
        stored.tasks.sort_by_key(|task| task.id);
        stored.runs.sort_by_key(|run| run.instance);
        Self { stored, ledger }
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
            assert_eq!(Model::of(&store), model.held());
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
    // The lower half is a counter, as in the broker's own ids; the upper half is in no order.
    let ids: Vec<_> = (1..50_u128)
        .map(|count| TaskId(oncue_core::Guid::from_u128(u128::from(die.below(u64::MAX)) << 64 | count)))
        .collect();
    for id in &ids {
        let Record::TaskRegistered { package, spec, at, next_due, .. } = die.registered() else {
            unreachable!("it registers")
        };
        store.append(&[Record::TaskRegistered { task: *id, package, spec, at, next_due }]).unwrap();
    }
    let loaded: Vec<_> = store.load().unwrap().tasks.into_iter().map(|task| task.id).collect();
    assert_eq!(loaded, ids);
}
