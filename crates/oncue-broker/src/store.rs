//! The store: packages, tasks, runs and the ledger in one SQLite file, so that they survive.
//!
//! A record is one change; [`Store::append`] makes several of them durable, all or none. The store
//! decides nothing: it keeps what it is given, and [`Store::load`] returns it unchanged.
//!
//! A process has exclusive access while it has the store open. Other readers, such as the `sqlite3`
//! shell, wait until the broker has exited.

mod cell;
mod fault;
mod key;
mod pause;
mod read;
mod salvage;
mod schema;
#[cfg(test)]
mod tests;
mod used_up;
mod whereabouts;
mod write;

use std::path::{Path, PathBuf};

use oncue_core::{FamilyName, InstanceId, LedgerEntry, Record, Stored, TaskId, Wall};
use rusqlite::Connection;

use whereabouts::Whereabouts;

pub(crate) use fault::{Doing, StoreError, Why};

/// An open store.
#[derive(Debug)]
pub(crate) struct Store {
    db: Connection,
    path: PathBuf,
    whereabouts: Whereabouts,
}

/// Makes the ids of this start different from those of all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Born {
    /// A random number, chosen once for the store.
    pub(crate) seed: u64,
    /// Counts how often the store was opened; durable before it is used.
    pub(crate) epoch: u32,
}

/// Whose history to return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// That of a task, registered or not.
    Task(TaskId),
    /// That of a package, installed or not.
    Package(FamilyName),
    /// All entries.
    All,
}

/// The entry before which a history continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Before {
    /// When it ended, which is used to find it.
    pub(crate) ended_at: Wall,
    /// Its run.
    pub(crate) instance: InstanceId,
}

/// The part of a history to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// Only entries written before the entry with this number.
    pub(crate) before: Option<i64>,
    /// The maximum number of entries.
    pub(crate) most: usize,
    /// The approximate maximum number of bytes; at least one entry is read.
    pub(crate) bytes: usize,
}

/// A part of a history.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Slice {
    pub(crate) entries: Vec<LedgerEntry>,
    /// Their approximate size in bytes.
    pub(crate) bytes: usize,
    /// The number of the last entry, if there may be more.
    pub(crate) next: Option<i64>,
}

impl Store {
    /// Opens the store at `path`, whose folder must exist; creates it if there is none.
    ///
    /// # Errors
    /// Returns an error if it cannot be opened or written, is corrupt, has a newer version, or is in use.
    pub(crate) fn open(path: &Path) -> Result<(Self, Born), StoreError> {
        let opened = schema::connect(path).and_then(|mut db| match schema::bring_up(&mut db) {
            Ok(born) => {
                let whereabouts = Whereabouts::of(path)?;
                Ok((Self { db, path: path.into(), whereabouts }, born))
            }
            Err(why) => {
                drop(db);
                whereabouts::remove_empty_journal(path);
                Err(why)
            }
        });
        opened.map_err(|why| StoreError { doing: Doing::Open, path: path.into(), why })
    }

    /// Returns all that the broker starts from.
    ///
    /// # Errors
    /// Returns an error if the store is corrupt, or a row is invalid.
    pub(crate) fn load(&self) -> Result<Stored, StoreError> {
        read::stored(&self.db).map_err(|why| self.error(Doing::Load, why))
    }

    /// Makes the records durable, in their order: all of them, or none if there is an error.
    ///
    /// # Errors
    /// Returns an error if the store cannot be written or is corrupt. The caller can retry.
    pub(crate) fn append(&mut self, records: &[Record]) -> Result<(), StoreError> {
        if records.is_empty() {
            return Ok(());
        }
        let done = self
            .transact(Doing::Append, |db| records.iter().try_for_each(|record| write::record(db, record)));
        if done.is_err() {
            self.withdraw();
        }
        done
    }

    /// Makes sure that records that could not be made durable do not appear after a crash.
    ///
    /// If only the sync failed, the whole commit is already in the journal, and SQLite would find it there
    /// the next time. Another commit overwrites it, whether or not that one can be synced.
    fn withdraw(&mut self) {
        if let Err(error) = self.touch() {
            tracing::debug!("overwriting rejected records: {error}");
        }
    }

    /// Writes the store again, with all its contents, if its files are gone. Other files in their place are
    /// not touched.
    ///
    /// # Errors
    /// Returns an error if there is another file, or the store cannot be written.
    pub(crate) fn put_back(&mut self) -> Result<(), StoreError> {
        match self.whereabouts.check() {
            Err(Why::Gone { path, .. }) if path == self.path => {
                salvage::write_anew(&self.db, &path).map_err(|why| self.error(Doing::PutBack, why))?;
            }
            // Only the journal is gone: its contents go into the store, which starts another one.
            Err(Why::Gone { .. }) => {}
            Err(why) => return Err(self.error(Doing::PutBack, why)),
            Ok(()) => return Ok(()),
        }
        self.open_again(Doing::PutBack)?;
        tracing::warn!(
            "the store {} was removed while it was open; it has been recreated",
            self.path.display()
        );
        Ok(())
    }

    /// Sets a store with a damaged ledger aside, and continues with one that contains everything else and
    /// the readable part of the ledger. Returns whether there was such damage.
    ///
    /// # Errors
    /// Returns an error if more than the ledger is damaged, or the store cannot be written.
    pub(crate) fn mend_ledger(&mut self) -> Result<bool, StoreError> {
        let damaged = schema::ledger_damage(&self.db).map_err(|why| self.error(Doing::Mend, why))?;
        let Some(found) = damaged else { return Ok(false) };
        let sound = self.path.with_file_name("store.sound");
        let entries = salvage::write_anew(&self.db, &sound).map_err(|why| self.error(Doing::Mend, why))?;
        self.close();
        let aside = salvage::exchange(&sound, &self.path);
        self.open_again(Doing::Mend)?;
        let aside = aside.map_err(|why| self.error(Doing::Mend, why))?;
        tracing::error!(
            "the ledger was damaged ({found}); {entries} of its entries could be read and were kept; \
             the damaged store was moved to {}",
            aside.display()
        );
        Ok(true)
    }

    /// Closes the file; everything works as before once it is opened again.
    fn close(&mut self) {
        if let Ok(nothing) = Connection::open_in_memory() {
            drop(std::mem::replace(&mut self.db, nothing));
        }
    }

    fn open_again(&mut self, doing: Doing) -> Result<(), StoreError> {
        self.close();
        let (opened, _) = Self::open(&self.path).map_err(|error| self.error(doing, error.why))?;
        *self = opened;
        Ok(())
    }

    /// Checks whether the store can be written, without changing it.
    ///
    /// # Errors
    /// Returns an error if the store cannot be written or is corrupt.
    pub(crate) fn touch(&mut self) -> Result<(), StoreError> {
        // SQLite does not write a page for a row that is set to its own value, but it does write the header.
        self.transact(Doing::Append, |db| Ok(db.pragma_update(None, "user_version", schema::VERSION)?))
    }

    /// Keeps the file from growing, like a full disk, or permits it again.
    #[cfg(test)]
    pub(crate) fn limit_pages(&self, full: bool) {
        let most = if full { 1 } else { 1_000_000 };
        self.db.query_row(&format!("PRAGMA max_page_count = {most}"), [], |_| Ok(())).expect("a pragma");
    }

    /// Returns the number of an entry of the ledger, or `None` if it does not exist.
    ///
    /// # Errors
    /// Returns an error if the store is corrupt.
    pub(crate) fn number_of(&self, entry: Before) -> Result<Option<i64>, StoreError> {
        read::number_of(&self.db, entry).map_err(|why| self.error(Doing::History, why))
    }

    /// Returns a part of the ledger, starting with the entry that was written last.
    ///
    /// An invalid entry is omitted and logged.
    ///
    /// # Errors
    /// Returns an error if the store is corrupt.
    pub(crate) fn history(&self, of: &Of, part: Part) -> Result<Slice, StoreError> {
        read::history(&self.db, of, part).map_err(|why| self.error(Doing::History, why))
    }

    /// Deletes the ledger's entries that ended before `wall`, and all but the latest `keep_per_task` of each
    /// task; returns how many. What a task knows about its last run stays.
    ///
    /// # Errors
    /// Returns an error if the store cannot be written or is corrupt.
    pub(crate) fn forget_before(&mut self, wall: Wall, keep_per_task: u32) -> Result<usize, StoreError> {
        self.transact(Doing::Forget, |db| write::forget(db, wall, keep_per_task))
    }

    fn transact<T>(
        &mut self,
        doing: Doing,
        work: impl FnOnce(&Connection) -> Result<T, Why>,
    ) -> Result<T, StoreError> {
        let whereabouts = &self.whereabouts;
        let done = in_transaction(&mut self.db, |db| {
            let done = work(db)?;
            whereabouts.check()?;
            Ok(done)
        });
        done.map_err(|why| self.error(doing, why))
    }

    fn error(&self, doing: Doing, why: Why) -> StoreError {
        StoreError { doing, path: self.path.clone(), why }
    }
}

/// Runs `work` as one durable change, or undoes it if it fails.
fn in_transaction<T>(
    db: &mut Connection,
    work: impl FnOnce(&Connection) -> Result<T, Why>,
) -> Result<T, Why> {
    let transaction = db.transaction()?;
    let done = work(&transaction)?;
    transaction.commit()?;
    Ok(done)
}
