//! Writes a new store from an open one whose file is gone or whose ledger is damaged.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::fault::Why;
use super::{in_transaction, schema, whereabouts};

/// Creates an empty store at `path`.
pub(super) fn make(path: &Path) -> Result<(), Why> {
    let new = beside(path, "new");
    remove(&new)?;
    close(schema::make(&new)?)?;
    publish(&new, path)
}

/// Writes everything readable in `db` to a new store at `path`, which must not exist. Everything
/// but the ledger must be readable. Returns how many entries of the ledger could be read.
pub(super) fn write_anew(db: &Connection, path: &Path) -> Result<usize, Why> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(Why::CannotOpen)?;
    }
    let new = beside(path, "new");
    remove(&new)?;
    let mut to = schema::make(&new)?;
    let entries = in_transaction(&mut to, |to| copy(db, to))?;
    close(to)?;
    publish(&new, path)?;
    Ok(entries)
}

fn close(db: Connection) -> Result<(), Why> {
    db.close().map_err(|(_, error)| Why::from(error))
}

/// Gives a complete store its name; both are on disk afterwards.
fn publish(new: &Path, path: &Path) -> Result<(), Why> {
    let sync = |path: &Path| File::open(path).and_then(|file| file.sync_all());
    let published =
        sync(new).and_then(|()| fs::rename(new, path)).and_then(|()| path.parent().map_or(Ok(()), sync));
    published.map_err(Why::CannotOpen)
}

/// Replaces a damaged store, which must not be open, by a sound one; returns where the damaged one
/// is kept.
pub(super) fn exchange(sound: &Path, path: &Path) -> Result<PathBuf, Why> {
    let aside = (1..u32::MAX).map(|number| path.with_file_name(format!("store.damaged-{number}.db")));
    let aside = aside.into_iter().find(|aside| !aside.exists()).unwrap_or_else(|| beside(path, "damaged"));
    // With a link, so that there is a store at the path at all times.
    fs::hard_link(path, &aside).or_else(|_| fs::copy(path, &aside).map(drop)).map_err(Why::CannotOpen)?;
    match fs::rename(whereabouts::journal(path), whereabouts::journal(&aside)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Why::CannotOpen(error)),
        Ok(()) | Err(_) => {}
    }
    publish(sound, path)?;
    Ok(aside)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

fn remove(path: &Path) -> Result<(), Why> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Why::CannotOpen(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn copy(from: &Connection, to: &Connection) -> Result<usize, Why> {
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'ledger' ORDER BY rowid";
    let tables: Vec<String> =
        from.prepare(tables)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for table in tables {
        copy_rows(from, to, &table, "")?;
    }
    // From both ends up to the damaged part, if there is one.
    match copy_rows(from, to, "ledger", "NOT INDEXED ORDER BY number") {
        Ok(entries) => Ok(entries),
        Err(_) => {
            let _ = copy_rows(from, to, "ledger", "NOT INDEXED ORDER BY number DESC");
            let entries: i64 = to.query_row("SELECT count(*) FROM ledger", [], |row| row.get(0))?;
            Ok(usize::try_from(entries).unwrap_or(usize::MAX))
        }
    }
}

fn copy_rows(from: &Connection, to: &Connection, table: &str, order: &str) -> Result<usize, Why> {
    let mut read = from.prepare(&format!("SELECT * FROM {table} {order}"))?;
    let columns = read.column_count();
    let places = vec!["?"; columns].join(", ");
    let mut write = to.prepare(&format!("INSERT OR IGNORE INTO {table} VALUES ({places})"))?;
    let mut rows = read.query([])?;
    let mut copied = 0;
    while let Some(row) = rows.next()? {
        let row: Vec<Value> = (0..columns).map(|column| row.get(column)).collect::<Result<_, _>>()?;
        copied += write.execute(params_from_iter(row))?;
    }
    Ok(copied)
}
