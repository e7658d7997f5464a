//! Stores whose files are removed or replaced while they are open.

use std::fs;

use super::model::Model;
use super::sample::{Die, Place};
use crate::store::{Store, Why};

/// A store with one task, and its expected contents.
fn begun(place: &Place) -> (Store, Model) {
    let mut store = place.open();
    store.append(&[Die(41).registered()]).unwrap();
    let held = Model::of(&store);
    (store, held)
}

/// Nothing is recorded while the store is gone; once it is restored, everything is in it and recording
/// continues.
fn is_put_back(place: &Place, mut store: Store, before: &Model) {
    let error = store.append(&[Die(42).registered()]).unwrap_err();
    assert!(matches!(error.why, Why::Gone { .. }), "{error}");
    store.put_back().unwrap();
    assert_eq!(Model::of(&store), *before, "and what was refused is not");
    store.append(&[Die(43).registered()]).unwrap();
    let after = Model::of(&store);
    drop(store);
    assert_eq!(Model::of(&place.open()), after);
}

#[test]
fn a_store_whose_file_is_gone_is_written_anew() {
    let place = Place::new();
    let (store, before) = begun(&place);
    fs::remove_file(&place.store).unwrap();
    is_put_back(&place, store, &before);
}

#[test]
fn a_store_whose_folder_is_gone_is_written_anew() {
    let place = Place::new();
    let (store, before) = begun(&place);
    fs::remove_dir_all(place.folder.path()).unwrap();
    is_put_back(&place, store, &before);
}

#[test]
fn a_store_whose_journal_is_gone_begins_another() {
    let place = Place::new();
    let (store, before) = begun(&place);
    fs::remove_file(place.journal()).unwrap();
    is_put_back(&place, store, &before);
}

#[test]
fn what_was_put_in_the_place_of_a_store_is_left_alone() {
    let place = Place::new();
    let (mut store, before) = begun(&place);
    fs::rename(&place.store, place.folder.path().join("aside")).unwrap();
    fs::write(&place.store, "something else").unwrap();
    let error = store.append(&[Die(42).registered()]).unwrap_err();
    assert!(matches!(error.why, Why::Replaced { .. }), "{error}");
    let error = store.put_back().unwrap_err();
    assert!(matches!(error.why, Why::Replaced { .. }), "{error}");
    assert_eq!(fs::read(&place.store).unwrap(), b"something else");

    fs::rename(place.folder.path().join("aside"), &place.store).unwrap();
    store.put_back().unwrap();
    assert_eq!(Model::of(&store), before);
}
