//! The store: packages, tasks, runs and the ledger in one SQLite file, so that they survive.
//!
//! A record is one change; [`Store::append`] makes many durable together or none of them. The
//! store decides nothing: what it is given it keeps, and [`Store::load`] gives it back equal.
//!
//! One process has the store for itself for as long as it has it open. A reader beside it, such as
//! the `sqlite3` shell, waits until the broker has left.

mod cell;
mod fault;
mod key;
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

/// What makes the ids of this start unlike those of every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Born {
    /// Random, made once for the store.
    pub(crate) seed: u64,
    /// Counts how often the store was opened; durable before anybody learns of it.
    pub(crate) epoch: u32,
}

/// Whose history is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// One task's, registered or not.
    Task(TaskId),
    /// One package's, present or not.
    Package(FamilyName),
    /// All entries.
    All,
}

/// The entry before which a history goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Before {
    /// When it ended, by which it is found.
    pub(crate) ended_at: Wall,
    /// The run that it tells of.
    pub(crate) instance: InstanceId,
}

/// Which part of a history is read at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// Only what was written before the entry of that number.
    pub(crate) before: Option<i64>,
    /// How many entries at most.
    pub(crate) most: usize,
    /// How many bytes at most, roughly; one entry is read in any case.
    pub(crate) bytes: usize,
}

/// A part of a history.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Slice {
    pub(crate) entries: Vec<LedgerEntry>,
    /// Roughly how many bytes they take.
    pub(crate) bytes: usize,
    /// The number of the last entry, when there may be more.
    pub(crate) next: Option<i64>,
}

impl Store {
    /// Opens the store at `path`, whose folder must exist; makes it when there is none.
    ///
    /// # Errors
    /// Returns an error if it cannot be opened or written, is corrupt, is of a newer version, or is
    /// in use.
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
    /// Returns an error if the store is corrupt, or a row makes no sense.
    pub(crate) fn load(&self) -> Result<Stored, StoreError> {
        read::stored(&self.db).map_err(|why| self.error(Doing::Load, why))
    }

    /// Makes the records durable, in their order: all of them, or none when there is an error.
    ///
    /// # Errors
    /// Returns an error if the store cannot be written or is corrupt. It can be tried again.
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

    /// Makes sure that what could not be made durable is not there after a crash.
    ///
    /// When only the sync failed, the whole commit stands in the journal already, and SQLite would find it
    /// there the next time. Another commit takes its place, whether or not that one can be synced.
    fn withdraw(&mut self) {
        if let Err(error) = self.touch() {
            tracing::debug!("overwriting rejected records: {error}");
        }
    }

    /// Writes the store anew where its files are gone, with all that it holds. What lies in their
    /// place is left alone.
    ///
    /// # Errors
    /// Returns an error if something else lies there, or it cannot be written.
    pub(crate) fn put_back(&mut self) -> Result<(), StoreError> {
        match self.whereabouts.check() {
            Err(Why::Gone { path, .. }) if path == self.path => {
                salvage::write_anew(&self.db, &path).map_err(|why| self.error(Doing::PutBack, why))?;
            }
            // The journal alone is gone: what it holds goes into the store, which begins another one.
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

    /// Sets a store aside whose ledger is damaged, and goes on with one that has everything else and
    /// what can be read of the ledger. Returns whether there was such damage.
    ///
    /// # Errors
    /// Returns an error if more than the ledger is damaged, or nothing can be written.
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

    /// Lets go of the file; everything goes on as before once it is opened again.
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

    /// Finds out whether anything can be written, and changes nothing.
    ///
    /// # Errors
    /// Returns an error if the store cannot be written or is corrupt.
    pub(crate) fn touch(&mut self) -> Result<(), StoreError> {
        // SQLite writes no page for a row that is set to what it is, but the header it does write.
        self.transact(Doing::Append, |db| Ok(db.pragma_update(None, "user_version", schema::VERSION)?))
    }

    /// Lets the file grow no more, as a full disk does, or again.
    #[cfg(test)]
    pub(crate) fn limit_pages(&self, full: bool) {
        let most = if full { 1 } else { 1_000_000 };
        self.db.query_row(&format!("PRAGMA max_page_count = {most}"), [], |_| Ok(())).expect("a pragma");
    }

    /// Returns the number of an entry of the ledger; nothing when it is not there.
    ///
    /// # Errors
    /// Returns an error if the store is corrupt.
    pub(crate) fn number_of(&self, entry: Before) -> Result<Option<i64>, StoreError> {
        read::number_of(&self.db, entry).map_err(|why| self.error(Doing::History, why))
    }

    /// Returns a part of the ledger, the entry written last first.
    ///
    /// An entry that makes no sense is left out, and the log says so.
    ///
    /// # Errors
    /// Returns an error if the store is corrupt.
    pub(crate) fn history(&self, of: &Of, part: Part) -> Result<Slice, StoreError> {
        read::history(&self.db, of, part).map_err(|why| self.error(Doing::History, why))
    }

    /// Forgets the ledger's entries that ended before `wall`, and of every task all but the latest
    /// `keep_per_task`; returns how many. What a task knows of its last run stays.
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

/// Does `work` as one durable change, or undoes it when it ends in an error.
fn in_transaction<T>(
    db: &mut Connection,
    work: impl FnOnce(&Connection) -> Result<T, Why>,
) -> Result<T, Why> {
    let transaction = db.transaction()?;
    let done = work(&transaction)?;
    transaction.commit()?;
    Ok(done)
}
