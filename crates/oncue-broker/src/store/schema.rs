//! The shape of the store by version: how a store is recognised, made, and brought up to today's.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, MAIN_DB, OpenFlags};

use super::fault::{Damage, Why};
use super::{Born, in_transaction};

/// One script for each version, in order. One that was released is never edited: the next is added.
const SCRIPTS: [&str; 6] = [
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
    include_str!("schema/5.sql"),
    include_str!("schema/6.sql"),
];

/// The newest version, which every open store has.
pub(super) const VERSION: u32 = SCRIPTS.len() as u32;

/// SQLite's `application_id` of a store: "oncu".
const APPLICATION: i64 = 0x6f6e_6375;

/// How long a broker that is leaving is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// The most statements that stay prepared; there are fewer.
const STATEMENTS: usize = 32;

/// What each connection asks for; the journal mode is set apart, for it changes the file.
///
/// A lock that is kept needs no shared memory for the journal's index, works on network file
/// systems, and leaves nobody the means to hold a commit up. The journal shrinks again after a
/// large transaction.
const SETTINGS: &str = "
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA journal_size_limit = 8388608;
";

/// Opens the file, making an empty one that only its owner may read.
pub(super) fn connect(path: &Path) -> Result<Connection, Why> {
    refuse_cut_off(path)?;
    // An existing file must not be opened here, even to look: closing it again would drop the locks
    // that SQLite holds on it in this process (fcntl_locking(2)).
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(Why::CannotOpen(error)),
        Ok(_) | Err(_) => {}
    }
    let db = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    db.busy_timeout(PATIENCE)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(db)
}

/// SQLite would take an empty file for a new database and throw away the journal beside it.
fn refuse_cut_off(path: &Path) -> Result<(), Why> {
    let is_empty = |path: &Path| fs::metadata(path).map_or(true, |metadata| metadata.len() == 0);
    let mut journal = path.as_os_str().to_owned();
    journal.push("-wal");
    let journal = PathBuf::from(journal);
    if is_empty(path) && !is_empty(&journal) {
        return Err(Why::Corrupt(Damage::CutOff { journal }));
    }
    Ok(())
}

/// Recognises the store, brings it to today's version and begins its next epoch.
pub(super) fn bring_up(db: &mut Connection) -> Result<Born, Why> {
    // First of all: no lock can be had on such a file.
    if db.is_readonly(MAIN_DB)? {
        return Err(Why::ReadOnly);
    }
    db.execute_batch(SETTINGS)?;
    let version = recognise(db)?;
    look_through(db)?;
    db.pragma_update(None, "journal_mode", "wal")?;
    in_transaction(db, |db| {
        migrate(db, version)?;
        begin_epoch(db)
    })
}

/// Returns the store's version, 0 for one that is still empty; changes nothing.
fn recognise(db: &Connection) -> Result<u32, Why> {
    let pragma = |name| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, version) = (pragma("application_id")?, pragma("user_version")?);
    let things: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match u32::try_from(version) {
        Ok(0) if application == 0 && things == 0 => Ok(0),
        Ok(found) if application == APPLICATION && found > VERSION => {
            Err(Why::Newer { found, known: VERSION })
        }
        Ok(version) if application == APPLICATION && version > 0 => Ok(version),
        _ => Err(Why::Corrupt(Damage::Foreign { application, version })),
    }
}

/// Refuses a damaged store before anything is written to it.
///
/// The ledger is left out: it may be a hundred times larger than all the rest together, and nothing
/// is decided by it.
fn look_through(db: &Connection) -> Result<(), Why> {
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'ledger'";
    let tables: Vec<String> =
        db.prepare(tables)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for table in tables {
        let found: String = db.query_row(&format!("PRAGMA quick_check({table})"), [], |row| row.get(0))?;
        if found != "ok" {
            return Err(Why::Corrupt(Damage::Found { found }));
        }
    }
    Ok(())
}

fn migrate(db: &Connection, from: u32) -> Result<(), Why> {
    if from == VERSION {
        return Ok(());
    }
    for script in SCRIPTS.iter().skip(from as usize) {
        db.execute_batch(script)?;
    }
    db.pragma_update(None, "application_id", APPLICATION)?;
    db.pragma_update(None, "user_version", VERSION)?;
    Ok(())
}

fn begin_epoch(db: &Connection) -> Result<Born, Why> {
    let seed = getrandom::u64().map_err(Why::NoRandom)?;
    db.execute("INSERT OR IGNORE INTO birth (only, seed, epoch) VALUES (1, ?1, 0)", [seed.cast_signed()])?;
    let born = db.query_row("UPDATE birth SET epoch = epoch + 1 RETURNING seed, epoch", [], |row| {
        Ok(Born { seed: row.get::<_, i64>(0)?.cast_unsigned(), epoch: row.get(1)? })
    })?;
    Ok(born)
}
