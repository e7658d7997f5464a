//! What a start, a crash and a failed write leave behind.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use oncue_core::{Record, Stored, TaskId};

use super::model::Model;
use super::sample::{Die, NOW, Place};
use crate::store::{Doing, Store, Why};

/// Appends batches to a store and returns what it must hold before and after each.
fn history_of(store: &mut Store, die: &mut Die, batches: usize) -> Vec<Model> {
    let mut model = Model::default();
    let mut states = vec![model.clone()];
    for _ in 0..batches {
        let records: Vec<_> = (0..3).map(|_| die.record(&model.alive())).collect();
        records.iter().for_each(|record| model.apply(record.clone()));
        store.append(&records).unwrap();
        states.push(model.clone());
    }
    states
}

#[test]
fn a_new_store_is_empty_and_its_owners_alone() {
    let place = Place::new();
    let (store, born) = place.open_born();
    assert_eq!(store.load().unwrap(), Stored::default());
    assert_eq!(born.epoch, 1);
    for file in [&place.store, &place.journal()] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
    }
}

#[test]
fn the_epoch_grows_with_each_start_and_the_seed_stays() {
    let place = Place::new();
    let born: Vec<_> = (0..4).map(|_| place.open_born().1).collect();
    assert_eq!(born.iter().map(|born| born.epoch).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert!(born.iter().all(|each| each.seed == born[0].seed));
    assert_ne!(born[0].seed, Place::new().open_born().1.seed);
}

#[test]
fn the_epoch_is_durable_before_it_is_told() {
    let (place, copy) = (Place::new(), Place::new());
    let (_store, born) = place.open_born();
    fs::copy(&place.store, &copy.store).unwrap();
    fs::copy(place.journal(), copy.journal()).unwrap();
    assert_eq!(copy.open_born().1.epoch, born.epoch + 1);
}

#[test]
fn a_crash_at_any_byte_leaves_whole_appends() {
    let (place, mut die) = (Place::new(), Die(11));
    let mut store = place.open();
    let states = history_of(&mut store, &mut die, 12);
    let (base, journal) = (fs::read(&place.store).unwrap(), fs::read(place.journal()).unwrap());
    let new = Place::new();
    let _open = new.open();
    let empty = fs::read(&new.store).unwrap();
    assert_eq!(base.len(), empty.len(), "nothing has left the journal, so that each cut counts");

    let mut reached = 0;
    let step = journal.len() / 150;
    for end in (0..journal.len()).step_by(step).chain([journal.len()]) {
        let copy = Place::new();
        fs::write(&copy.store, &base).unwrap();
        fs::write(copy.journal(), &journal[..end]).unwrap();
        let found = Model::of(&copy.open());
        let at = states[reached..].iter().position(|state| *state == found);
        reached += at.unwrap_or_else(|| panic!("cut at byte {end}: not what any append from {reached} left"));
    }
    assert_eq!(states[reached], states[states.len() - 1], "nothing that was appended is lost");
}

#[test]
fn a_garbled_end_of_the_journal_is_as_if_it_had_not_been_written() {
    let (place, mut die) = (Place::new(), Die(12));
    let mut store = place.open();
    let states = history_of(&mut store, &mut die, 6);
    let (base, journal) = (fs::read(&place.store).unwrap(), fs::read(place.journal()).unwrap());
    for _ in 0..40 {
        let mut garbled = journal.clone();
        let at = usize::try_from(die.below(journal.len() as u64)).unwrap();
        garbled[at] ^= 0x20;
        let copy = Place::new();
        fs::write(&copy.store, &base).unwrap();
        fs::write(copy.journal(), garbled).unwrap();
        assert!(states.contains(&Model::of(&copy.open())), "garbled at byte {at}");
    }
}

#[test]
fn a_full_disk_changes_nothing_and_the_next_append_succeeds() {
    let (place, mut die) = (Place::new(), Die(13));
    let mut store = place.open();
    let first = die.registered();
    store.append(std::slice::from_ref(&first)).unwrap();
    let before = Model::of(&store);

    let pages: i64 = store.db.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    store.db.query_row("PRAGMA max_page_count = 1", [], |_| Ok(())).unwrap();
    let many: Vec<_> = (0..200).map(|_| Record::Ended(Box::new(die.entry()))).collect();
    let error = store.append(&many).unwrap_err();
    assert!(matches!(error.why, Why::CannotWrite(_)), "{error}");
    assert!(error.to_string().contains("free disk space"), "{error}");
    assert_eq!(Model::of(&store), before);

    store.db.query_row(&format!("PRAGMA max_page_count = {}", pages + 10_000), [], |_| Ok(())).unwrap();
    store.append(&many).unwrap();
    drop(store);
    let all: Vec<_> = [first].into_iter().chain(many).collect();
    assert_eq!(Model::of(&place.open()), Model::after(&all));
}

#[test]
fn a_store_that_turns_read_only_changes_nothing_until_it_may_be_written_again() {
    let (place, mut die) = (Place::new(), Die(14));
    let mut store = place.open();
    store.db.pragma_update(None, "query_only", true).unwrap();
    let record = die.registered();
    let error = store.append(std::slice::from_ref(&record)).unwrap_err();
    assert!(matches!(error.why, Why::CannotWrite(_)), "{error}");
    assert_eq!(Model::of(&store), Model::default());
    store.db.pragma_update(None, "query_only", false).unwrap();
    store.append(std::slice::from_ref(&record)).unwrap();
    assert_eq!(Model::of(&store), Model::after(&[record]));
}

#[test]
fn one_bad_record_keeps_out_those_before_and_after_it() {
    let (place, mut die) = (Place::new(), Die(15));
    let mut store = place.open();
    let (instance, began) = loop {
        let record = die.record(&[]);
        if let Record::RunBegan { instance, .. } = record {
            break (instance, record);
        }
    };
    // A run that was entered does not begin again.
    let used_up = Record::UsedUp { instance, by: oncue_core::UsedUp::Entered };
    let records = [die.registered(), began.clone(), used_up, began, die.registered()];
    let error = store.append(&records).unwrap_err();
    assert_eq!(error.doing, Doing::Append);
    assert_eq!(Model::of(&store), Model::default());
    store.append(&records[..3]).unwrap();
    assert_eq!(Model::of(&store), Model::after(&records[..3]));
}

#[test]
fn a_condition_that_would_not_read_back_is_not_written() {
    let (place, mut die) = (Place::new(), Die(16));
    let mut store = place.open();
    let task = TaskId(oncue_core::Guid::from_u128(9));
    let mut spec = die.spec();
    spec.condition = Some(Box::new(oncue_core::Condition::All(Vec::new())));
    let record = Record::TaskRegistered {
        task,
        package: die.family(),
        spec,
        at: NOW,
        next_due: oncue_core::Due::Never,
    };
    let error = store.append(&[die.registered(), record]).unwrap_err();
    assert!(matches!(error.why, Why::NoText { part: "condition", .. }), "{error}");
    assert_eq!(Model::of(&store), Model::default());
}
