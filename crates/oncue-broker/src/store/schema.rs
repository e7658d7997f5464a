//! The schema of the store by version: how a store is recognised, created and upgraded.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, MAIN_DB, OpenFlags};

use super::fault::{Damage, Why};
use super::{Born, in_transaction, salvage, whereabouts};
use crate::regular;

/// One script for each version, in order. A released script is never edited; the next one is added.
const SCRIPTS: [&str; 9] = [
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
    include_str!("schema/5.sql"),
    include_str!("schema/6.sql"),
    include_str!("schema/7.sql"),
    include_str!("schema/8.sql"),
    include_str!("schema/9.sql"),
];

/// The newest version, to which every store is upgraded when opened.
pub(super) const VERSION: u32 = SCRIPTS.len() as u32;

/// SQLite's `application_id` of a store: "oncu".
const APPLICATION: i64 = 0x6f6e_6375;

/// How long to wait for a broker that is ending.
const PATIENCE: Duration = Duration::from_secs(1);

/// The maximum number of prepared statements to keep; there are fewer.
const STATEMENTS: usize = 32;

/// The settings of each connection. The journal mode is set separately, because it changes the
/// file.
///
/// A lock that is held permanently needs no shared memory for the journal's index, works on network
/// file systems, and prevents others from delaying a commit. The journal is truncated after a large
/// transaction.
const SETTINGS: &str = "
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA journal_size_limit = 8388608;
";

/// Opens the file, or creates it if it does not exist.
///
/// A new store gets its name only when it is complete, so an empty file is never a store.
pub(super) fn connect(path: &Path) -> Result<Connection, Why> {
    let journal = whereabouts::journal(path);
    for path in [path, &journal] {
        regular::check(path).map_err(|source| Why::Odd { path: path.to_owned(), source })?;
    }
    match (size(path)?, size(&journal)?.unwrap_or(0)) {
        // SQLite would consider it a new database and delete the journal beside it.
        (None | Some(0), 1..) => return Err(Why::Corrupt(Damage::CutOff { journal })),
        (Some(0), 0) => return Err(Why::Corrupt(Damage::Empty)),
        (None, 0) => salvage::make(path)?,
        (Some(_), _) => {}
    }
    let db = open(path)?;
    // Until it is known to be sound, not even its journal may be changed.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(db)
}

/// Creates a complete store of the newest version, readable only by its owner, and opens it.
pub(super) fn make(path: &Path) -> Result<Connection, Why> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(Why::CannotOpen)?;
    let mut db = open(path)?;
    in_transaction(&mut db, |db| migrate(db, 0))?;
    Ok(db)
}

fn open(path: &Path) -> Result<Connection, Why> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(PATIENCE)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(db)
}

/// Returns the size of a file, if it exists. The file is not opened, because closing it would
/// release the locks that SQLite holds on it in this process (fcntl_locking(2)).
fn size(path: &Path) -> Result<Option<u64>, Why> {
    match fs::metadata(path) {
        Ok(known) => Ok(Some(known.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Why::CannotOpen(error)),
    }
}

/// Recognises the store, upgrades it to the newest version and begins its next epoch.
pub(super) fn bring_up(db: &mut Connection) -> Result<Born, Why> {
    // Checked first, because such a file cannot be locked.
    if db.is_readonly(MAIN_DB)? {
        return Err(Why::ReadOnly);
    }
    db.execute_batch(SETTINGS)?;
    let version = recognise(db)?;
    look_through(db)?;
    db.pragma_update(None, "journal_mode", "wal")?;
    let born = in_transaction(db, |db| {
        migrate(db, version)?;
        begin_epoch(db)
    })?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(born)
}

/// Returns the store's version, 0 if it is still empty; changes nothing.
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
/// The ledger is not checked: it may be a hundred times larger than everything else, and no
/// decision depends on it. See [`ledger_damage`].
fn look_through(db: &Connection) -> Result<(), Why> {
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'ledger'";
    let tables: Vec<String> =
        db.prepare(tables)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for table in tables {
        if let Some(found) = damage(db, &table)? {
            return Err(Why::Corrupt(Damage::Found { found }));
        }
    }
    Ok(())
}

/// Returns what is wrong with the ledger, if anything; everything else must be sound.
pub(super) fn ledger_damage(db: &Connection) -> Result<Option<String>, Why> {
    look_through(db)?;
    match damage(db, "ledger") {
        Err(Why::Corrupt(found)) => Ok(Some(found.to_string())),
        found => found,
    }
}

fn damage(db: &Connection, table: &str) -> Result<Option<String>, Why> {
    let found: String = db.query_row(&format!("PRAGMA quick_check({table})"), [], |row| row.get(0))?;
    Ok(Some(found).filter(|found| found != "ok"))
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
