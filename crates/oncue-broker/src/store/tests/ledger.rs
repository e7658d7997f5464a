//! The ledger: whose history is returned, in which order, and what is removed.

use oncue_core::{LedgerEntry, Outcome, Record, TaskId, Wall};

use super::sample::{Die, Place};
use super::whole;
use crate::store::{Before, Of, Part, Store};

/// Writes an entry for each given second, alternating between task 0 and 1, and returns the two
/// tasks.
fn written(store: &mut Store, seconds: &[i64]) -> [TaskId; 2] {
    let mut die = Die(5);
    let tasks = [1, 2].map(|number| TaskId(oncue_core::Guid::from_u128(number)));
    for (second, task) in seconds.iter().zip(tasks.into_iter().cycle()) {
        let entry = LedgerEntry { task, ended_at: Wall(*second), ..die.entry() };
        store.append(&[Record::Ended(Box::new(entry))]).unwrap();
    }
    tasks
}

fn seconds(store: &Store, of: Of) -> Vec<i64> {
    whole(store, &of, usize::MAX).unwrap().into_iter().map(|entry| entry.ended_at.0).collect()
}

#[test]
fn the_entry_written_last_comes_first_even_when_the_clock_was_set_back() {
    let place = Place::new();
    let mut store = place.open();
    let [even, odd] = written(&mut store, &[10, 20, 5, 30, 40]);
    assert_eq!(seconds(&store, Of::All), [40, 30, 5, 20, 10]);
    assert_eq!(seconds(&store, Of::Task(even)), [40, 5, 10]);
    assert_eq!(seconds(&store, Of::Task(odd)), [30, 20]);
    assert_eq!(whole(&store, &Of::All, 2).unwrap().len(), 2);
}

#[test]
fn a_packages_history_is_its_own() {
    let place = Place::new();
    let mut store = place.open();
    let mut die = Die(6);
    let entries: Vec<_> = (0..40).map(|_| die.entry()).collect();
    let records: Vec<_> = entries.iter().map(|entry| Record::Ended(Box::new(entry.clone()))).collect();
    store.append(&records).unwrap();
    let family = die.family();
    let mut own: Vec<_> = entries.into_iter().filter(|entry| entry.package == family).collect();
    own.reverse();
    assert_eq!(whole(&store, &Of::Package(family), usize::MAX).unwrap(), own);
}

#[test]
fn a_history_is_read_in_slices_of_so_many_bytes_and_nothing_is_read_twice() {
    let place = Place::new();
    let mut store = place.open();
    let mut die = Die(7);
    let entries: Vec<_> = (0..40).map(|_| die.entry()).collect();
    let records: Vec<_> = entries.iter().map(|entry| Record::Ended(Box::new(entry.clone()))).collect();
    store.append(&records).unwrap();
    let mut read = Vec::new();
    let mut part = Part { before: None, most: 40, bytes: 1_000 };
    loop {
        let slice = store.history(&Of::All, part).unwrap();
        assert!(slice.entries.len() <= 4, "an entry takes 256 bytes at least");
        read.extend(slice.entries);
        part.before = slice.next;
        if slice.next.is_none() {
            break;
        }
    }
    read.reverse();
    assert_eq!(read, entries);
    let one = store.history(&Of::All, Part { before: None, most: 40, bytes: 1 }).unwrap();
    assert_eq!(one.entries, entries[39..], "one entry is read in any case");
}

#[test]
fn a_history_goes_on_before_any_of_its_entries() {
    let place = Place::new();
    let mut store = place.open();
    written(&mut store, &[10, 20, 5, 30, 40]);
    let all = whole(&store, &Of::All, usize::MAX).unwrap();
    for (at, entry) in all.iter().enumerate() {
        let before = Before { ended_at: entry.ended_at, instance: entry.instance };
        let part = Part { before: store.number_of(before).unwrap(), most: 40, bytes: usize::MAX };
        assert!(part.before.is_some());
        assert_eq!(store.history(&Of::All, part).unwrap().entries, all[at + 1..]);
    }
    let elsewhere = Before { ended_at: Wall(11), instance: all[0].instance };
    assert_eq!(store.number_of(elsewhere).unwrap(), None);
}

#[test]
fn what_ended_earlier_is_forgotten() {
    let place = Place::new();
    let mut store = place.open();
    written(&mut store, &[1, 2, 3, 4, 5]);
    assert_eq!(store.forget_before(Wall(3), 100).unwrap(), 2);
    assert_eq!(seconds(&store, Of::All), [5, 4, 3]);
}

#[test]
fn of_each_task_only_the_latest_are_kept() {
    let place = Place::new();
    let mut store = place.open();
    let [even, odd] = written(&mut store, &[10, 20, 11, 21, 12, 22, 13]);
    assert_eq!(store.forget_before(Wall(0), 2).unwrap(), 3);
    assert_eq!(seconds(&store, Of::Task(even)), [13, 12]);
    assert_eq!(seconds(&store, Of::Task(odd)), [22, 21]);
    assert_eq!(store.forget_before(Wall(0), 2).unwrap(), 0);
    assert_eq!(store.forget_before(Wall(0), 0).unwrap(), 4);
    assert_eq!(seconds(&store, Of::All), [0_i64; 0]);
}

#[test]
fn a_task_knows_its_last_run_when_the_ledger_does_not() {
    let place = Place::new();
    let mut store = place.open();
    let mut die = Die(7);
    let registered = die.registered();
    let Record::TaskRegistered { task, .. } = registered else { unreachable!("it registers") };
    let entry = LedgerEntry { task, outcome: Outcome::Crashed, ..die.entry() };
    store.append(&[registered, Record::Ended(Box::new(entry.clone()))]).unwrap();
    store.forget_before(Wall(i64::MAX), 0).unwrap();
    let last = store.load().unwrap().tasks[0].last.unwrap();
    assert_eq!(
        (last.instance, last.outcome, last.ended_at),
        (entry.instance, Outcome::Crashed, entry.ended_at)
    );
}
