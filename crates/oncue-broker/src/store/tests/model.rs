//! The store is tested against [`Stored::apply`]: what is loaded is what the records say.

use oncue_core::{InstanceId, LedgerEntry, Record, Stored, TaskId};

use super::sample::{Die, Place};
use super::whole;
use crate::store::{Of, Store};

/// The contents of a store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Model {
    stored: Stored,
    /// Oldest first.
    ledger: Vec<LedgerEntry>,
}

impl Model {
    pub(super) fn after(records: &[Record]) -> Self {
        let mut model = Self::default();
        records.iter().for_each(|record| model.apply(record.clone()));
        model
    }

    pub(super) fn of(store: &Store) -> Self {
        let mut ledger = whole(store, &Of::All, usize::MAX).unwrap();
        ledger.reverse();
        Self { stored: store.load().unwrap(), ledger }
    }

    pub(super) fn alive(&self) -> Vec<InstanceId> {
        self.stored.runs.iter().map(|run| run.instance).collect()
    }

    pub(super) fn apply(&mut self, record: Record) {
        self.ledger.extend(self.stored.apply(record));
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
