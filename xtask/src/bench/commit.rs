//! Peer: adding one row to an SQLite database that syncs every commit to disk.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use super::room::{Plan, Room};
use super::samples::time;
use super::unmeasured::Unmeasured;

const PLAN: Plan = Plan { full: 3_000, quick: 300 };

/// About the size of a registration.
const ROW: [u8; 256] = [0x5a; 256];

pub(super) fn measure(room: &Room) -> Result<Vec<Duration>, Unmeasured> {
    let database = open(&room.disk().join("commit.db"))?;
    let mut insert = database.prepare("INSERT INTO entry (content) VALUES (?1)")?;
    time(room.rounds(&PLAN), || {
        insert.execute([ROW.as_slice()])?;
        Ok(())
    })
}

fn open(path: &Path) -> Result<Connection, Unmeasured> {
    let database = Connection::open(path)?;
    set(&database, "journal_mode", "wal", "wal")?;
    set(&database, "synchronous", "FULL", "2")?;
    database.execute_batch("CREATE TABLE entry (id INTEGER PRIMARY KEY, content BLOB) STRICT")?;
    Ok(database)
}

/// Sets a pragma and verifies it, because SQLite ignores invalid values silently.
fn set(
    database: &Connection,
    pragma: &'static str,
    value: &str,
    wanted: &'static str,
) -> Result<(), Unmeasured> {
    database.pragma_update(None, pragma, value)?;
    let value = database.pragma_query_value(None, pragma, |row| {
        let text: Option<String> = row.get(0).ok();
        text.map_or_else(|| row.get::<_, i64>(0).map(|number| number.to_string()), Ok)
    })?;
    if value == wanted {
        return Ok(());
    }
    Err(Unmeasured::Pragma { pragma, value, wanted })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_takes_the_settings_that_are_measured() {
        let folder = tempfile::tempdir().unwrap();
        assert!(open(&folder.path().join("a.db")).is_ok());
    }

    #[test]
    fn a_setting_that_sqlite_does_not_take_is_told() {
        let database = Connection::open_in_memory().unwrap();
        let refused = set(&database, "journal_mode", "wal", "wal").unwrap_err();
        assert!(refused.to_string().contains("memory where wal"), "{refused}");
    }
}
