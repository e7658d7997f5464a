//! Damaged stores: reported with their name, never overwritten.

use std::fs;

use oncue_core::Record;
use rusqlite::Connection;

use super::model::Model;
use super::sample::{Die, Place};
use super::whole;
use crate::store::fault::Damage;
use crate::store::{Doing, Of, Store, StoreError, Why};

/// A closed store with some tasks, and a ledger that fills many pages.
fn filled() -> Place {
    let (place, mut die) = (Place::new(), Die(31));
    let mut records: Vec<_> = (0..20).map(|_| die.registered()).collect();
    records.extend((0..40).map(|_| Record::Ended(Box::new(die.entry()))));
    place.open().append(&records).unwrap();
    place
}

/// Opens a store that must be corrupt, and checks that it is unchanged afterwards.
fn corrupt(place: &Place) -> StoreError {
    let both = || [place.store.clone(), place.journal()].map(|path| fs::read(path).ok());
    let before = both();
    let error = Store::open(&place.store).unwrap_err();
    assert!(matches!(error.why, Why::Corrupt(_)), "{error}");
    for said in [place.store.to_str().unwrap(), "will not be overwritten", "move it away"] {
        assert!(error.to_string().contains(said), "{error}");
    }
    assert!(both() == before, "nothing of it is changed");
    error
}

/// Changes a closed store with SQL.
fn meddle(place: &Place, sql: &str) {
    Connection::open(&place.store).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn garbage_is_no_store() {
    for length in [1, 15, 100, 5_000] {
        let place = Place::new();
        fs::write(&place.store, "garbage ".repeat(length)).unwrap();
        corrupt(&place);
    }
}

#[test]
fn another_programs_database_is_no_store() {
    for sql in ["CREATE TABLE bookmark (url TEXT)", "PRAGMA user_version = 1", "PRAGMA application_id = 7"] {
        let place = Place::new();
        meddle(&place, sql);
        let error = corrupt(&place);
        assert!(matches!(error.why, Why::Corrupt(Damage::Foreign { .. })), "{sql}: {error}");
    }
}

#[test]
fn a_store_that_lacks_pages_is_corrupt() {
    let whole = fs::read(&filled().store).unwrap();
    for length in [16, 512, 4_096, 8_192, whole.len() / 2, whole.len() - 4_096] {
        let place = Place::new();
        fs::write(&place.store, &whole[..length]).unwrap();
        corrupt(&place);
    }
}

#[test]
fn a_store_cut_off_beside_its_journal_is_kept_with_it() {
    let (place, copy) = (Place::new(), Place::new());
    let mut store = place.open();
    store.append(&[Die(32).registered()]).unwrap();
    fs::copy(place.journal(), copy.journal()).unwrap();
    let journal = fs::read(copy.journal()).unwrap();

    let error = Store::open(&copy.store).unwrap_err();
    assert!(matches!(error.why, Why::Corrupt(Damage::CutOff { .. })), "{error}");
    assert!(!copy.store.exists(), "nothing is put in its place");
    fs::write(&copy.store, "").unwrap();
    let error = corrupt(&copy);
    assert!(matches!(error.why, Why::Corrupt(Damage::CutOff { .. })), "{error}");
    assert_eq!(fs::read(copy.journal()).unwrap(), journal);
}

#[test]
fn an_empty_file_is_no_store() {
    let place = Place::new();
    fs::write(&place.store, "").unwrap();
    let error = corrupt(&place);
    assert!(matches!(error.why, Why::Corrupt(Damage::Empty)), "{error}");
    fs::remove_file(&place.store).unwrap();
    assert_eq!(Model::of(&place.open()), Model::default());
}

#[test]
fn a_store_whose_making_was_cut_short_is_made_anew() {
    let place = Place::new();
    fs::write(place.folder.path().join("store.db.new"), "half of it").unwrap();
    assert_eq!(Model::of(&place.open()), Model::default());
}

#[test]
fn a_damaged_store_keeps_the_journal_that_belongs_to_it() {
    let (place, copy) = (filled(), Place::new());
    let mut store = place.open();
    store.append(&[Die(33).registered()]).unwrap();
    // As left behind by a broker that was killed.
    fs::copy(place.journal(), copy.journal()).unwrap();
    drop(store);
    garble(&place, "package");
    fs::copy(&place.store, &copy.store).unwrap();
    let journal = fs::read(copy.journal()).unwrap();
    assert!(!journal.is_empty());
    assert!(Store::open(&copy.store).is_err());
    assert_eq!(fs::read(copy.journal()).unwrap(), journal);
}

/// Overwrites the first page of a table.
fn garble(place: &Place, table: &str) {
    let db = Connection::open(&place.store).unwrap();
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
    let root: u32 = db.query_row(root, [table], |row| row.get(0)).unwrap();
    drop(db);
    let mut bytes = fs::read(&place.store).unwrap();
    bytes[(root as usize - 1) * 4_096..][..64].fill(0xff);
    fs::write(&place.store, bytes).unwrap();
}

#[test]
fn a_garbled_page_is_found_before_anything_is_written() {
    for table in ["task", "run", "package", "server", "birth"] {
        let place = filled();
        garble(&place, table);
        corrupt(&place);
    }
}

/// Opens a store with a damaged ledger, has it repaired, and returns how many entries are left.
/// Everything else must be unchanged, and the damaged store must be kept beside the sound one.
fn mended(place: &Place) -> usize {
    let mut store = place.open();
    let before = store.load().unwrap();
    let error = whole(&store, &Of::All, usize::MAX).unwrap_err();
    assert_eq!(error.doing, Doing::History);
    assert!(error.is_damage(), "{error}");
    assert!(store.mend_ledger().unwrap());
    assert_eq!(store.load().unwrap(), before);
    assert!(!store.mend_ledger().unwrap(), "it is sound now");
    assert!(place.folder.path().join("store.damaged-1.db").exists(), "what is damaged is kept");

    store.append(&[Record::Ended(Box::new(Die(35).entry()))]).unwrap();
    let entries = whole(&store, &Of::All, usize::MAX).unwrap().len() - 1;
    let after = store.load().unwrap();
    drop(store);
    assert_eq!(place.open().load().unwrap(), after);
    entries
}

#[test]
fn a_damaged_ledger_is_set_aside_and_all_else_goes_on() {
    let place = filled();
    garble(&place, "ledger");
    assert_eq!(mended(&place), 0, "its first page leads to all others");
}

#[test]
fn of_a_damaged_ledger_all_that_can_be_read_is_kept() {
    let place = filled();
    let page = leaf_of_the_ledger(&place);
    let mut bytes = fs::read(&place.store).unwrap();
    bytes[(page - 1) * 4_096..][..64].fill(0xff);
    fs::write(&place.store, bytes).unwrap();
    let kept = mended(&place);
    assert!((1..40).contains(&kept), "{kept} of 40 entries");
}

/// Returns one of the middle pages below the first page of the ledger.
fn leaf_of_the_ledger(place: &Place) -> usize {
    let db = Connection::open(&place.store).unwrap();
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'ledger'";
    let root: u32 = db.query_row(root, [], |row| row.get(0)).unwrap();
    drop(db);
    let bytes = fs::read(&place.store).unwrap();
    let page = &bytes[(root as usize - 1) * 4_096..][..4_096];
    assert_eq!(page[0], 5, "the ledger fills more than a page");
    let number = |at: usize| usize::from(u16::from_be_bytes([page[at], page[at + 1]]));
    let cell = number(12 + 2 * (number(3) / 2));
    u32::from_be_bytes([page[cell], page[cell + 1], page[cell + 2], page[cell + 3]]) as usize
}

#[test]
fn a_row_that_makes_no_sense_is_named() {
    let cases = [
        ("UPDATE task SET trigger = 'sometimes'", "table task", "trigger"),
        ("UPDATE task SET condition = 'sunshine'", "table task", "condition"),
        ("UPDATE task SET policy = 'missed=never'", "table task", "policy"),
        ("UPDATE task SET class = x'00'", "table task", "class"),
        ("UPDATE task SET held_at = 1, held_count = -1, held_cause = 'asked'", "table task", "held_count"),
        ("UPDATE task SET held_at = 1, held_count = 1, held_cause = 'luck'", "table task", "held_cause"),
        ("UPDATE task SET last_instance = id, last_outcome = 'fine'", "table task", "last_outcome"),
        ("INSERT INTO package VALUES ('f', 'f', 'f', '1.2.3', '/')", "row 'f' of table package", "version"),
        (
            "INSERT INTO run (instance, task, name, package, fired_at, firings, cause)
             VALUES (x'01', x'02', '', '', 0, 1, 'asked')",
            "row x'01' of table run",
            "instance",
        ),
    ];
    for (sql, table, column) in cases {
        let place = filled();
        meddle(&place, sql);
        let error = place.open().load().unwrap_err();
        assert_eq!(error.doing, Doing::Load);
        let Why::Row(row) = &error.why else { panic!("{sql}: {error}") };
        assert_eq!(row.column, column, "{error}");
        assert!(error.to_string().contains(table), "{error}");
    }
}

#[test]
fn an_entry_that_makes_no_sense_is_left_out_of_the_history() {
    let place = filled();
    let all = whole(&place.open(), &Of::All, usize::MAX).unwrap();
    meddle(&place, "UPDATE ledger SET reason = 'Boredom' WHERE number = 3");
    let left = whole(&place.open(), &Of::All, usize::MAX).unwrap();
    assert_eq!(left.len(), all.len() - 1);
}
