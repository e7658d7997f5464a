//! Stores that cannot be opened: in use, newer, not writable, unreachable.

use std::fs::{self, OpenOptions, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use rustix::fs::{CWD, FileType, mknodat};

use super::model::Model;
use super::sample::{Die, Place};
use crate::store::{Doing, Store, StoreError, Why, schema};

fn refused(path: &Path) -> StoreError {
    let error = Store::open(path).unwrap_err();
    assert_eq!(error.doing, Doing::Open);
    assert_eq!(error.path, path);
    assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    error
}

#[test]
fn a_store_has_one_owner_at_a_time() {
    let (place, mut die) = (Place::new(), Die(21));
    let mut store = place.open();
    let error = refused(&place.store);
    assert!(matches!(error.why, Why::InUse), "{error}");
    let record = die.registered();
    store.append(std::slice::from_ref(&record)).unwrap();
    drop(store);
    let (store, born) = place.open_born();
    assert_eq!(Model::of(&store), Model::after(&[record]));
    assert_eq!(born.epoch, 2, "the start that was refused took no epoch");
}

#[test]
fn a_newer_store_is_left_alone() {
    let place = Place::new();
    drop(place.open());
    let newer = schema::VERSION + 1;
    Connection::open(&place.store).unwrap().pragma_update(None, "user_version", newer).unwrap();
    let before = fs::read(&place.store).unwrap();
    let error = refused(&place.store);
    assert!(matches!(error.why, Why::Newer { found, known } if found == newer && known < newer), "{error}");
    assert!(error.to_string().contains("use a newer oncue"), "{error}");
    assert_eq!(fs::read(&place.store).unwrap(), before);
}

#[test]
fn a_store_opened_for_reading_only_is_refused() {
    let place = Place::new();
    drop(place.open());
    let mut db = Connection::open_with_flags(&place.store, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let why = schema::bring_up(&mut db).unwrap_err();
    assert!(matches!(why, Why::ReadOnly), "{why}");
}

#[test]
fn a_file_that_may_not_be_written_is_refused() {
    let place = Place::new();
    drop(place.open());
    fs::set_permissions(&place.store, Permissions::from_mode(0o400)).unwrap();
    if OpenOptions::new().write(true).open(&place.store).is_ok() {
        eprintln!("skipped: this user may write every file");
        return;
    }
    let error = refused(&place.store);
    assert!(matches!(error.why, Why::ReadOnly), "{error}");
    fs::set_permissions(&place.store, Permissions::from_mode(0o600)).unwrap();
    assert_eq!(place.open_born().1.epoch, 2);
}

#[test]
fn a_folder_that_may_not_be_written_is_refused() {
    let place = Place::new();
    drop(place.open());
    fs::set_permissions(place.folder.path(), Permissions::from_mode(0o500)).unwrap();
    let may_write = fs::write(place.folder.path().join("probe"), "").is_ok();
    let opened = Store::open(&place.store);
    fs::set_permissions(place.folder.path(), Permissions::from_mode(0o700)).unwrap();
    if may_write {
        eprintln!("skipped: this user may write every folder");
        return;
    }
    let error = opened.unwrap_err();
    assert!(matches!(error.why, Why::CannotOpen(_) | Why::CannotWrite(_)), "{error}");
    assert_eq!(place.open_born().1.epoch, 2);
}

#[test]
fn a_path_without_a_folder_is_refused() {
    let place = Place::new();
    let error = refused(&place.folder.path().join("none").join("store.db"));
    assert!(matches!(error.why, Why::CannotOpen(_)), "{error}");
    assert!(error.to_string().contains("its folder must exist"), "{error}");
}

#[test]
fn what_is_not_a_regular_file_is_refused_by_its_kind() {
    let place = Place::new();
    fs::create_dir(&place.store).unwrap();
    let error = refused(&place.store);
    assert!(error.to_string().contains("store.db: it is a folder"), "{error}");
    fs::remove_dir(&place.store).unwrap();

    mknodat(CWD, &place.store, FileType::Fifo, 0o600.into(), 0).unwrap();
    let error = refused(&place.store);
    assert!(error.to_string().contains("store.db: it is a FIFO"), "{error}");
    fs::remove_file(&place.store).unwrap();

    drop(place.open());
    fs::create_dir(place.journal()).unwrap();
    let error = refused(&place.store);
    assert!(error.to_string().contains("store.db-wal: it is a folder"), "{error}");
}
