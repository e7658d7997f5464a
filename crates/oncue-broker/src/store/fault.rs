//! Errors of the store, and their relation to SQLite's result codes.

use std::fmt;
use std::io;
use std::path::PathBuf;

use oncue_core::TaskId;
use rusqlite::{ErrorCode, ffi};

use super::cell::RowError;

/// An operation on the store failed.
#[derive(Debug, thiserror::Error)]
#[error("{doing} the store {}: {why}", path.display())]
pub struct StoreError {
    /// What was attempted.
    pub(crate) doing: Doing,
    /// The store's file.
    pub(crate) path: PathBuf,
    /// Why it failed.
    #[source]
    pub(crate) why: Why,
}

impl StoreError {
    /// Returns whether the store is damaged.
    pub(crate) fn is_damage(&self) -> bool {
        matches!(self.why, Why::Corrupt(_))
    }

    /// Returns what the user can do about it.
    pub(crate) fn way_out(&self) -> &'static str {
        match &self.why {
            Why::CannotOpen(_) => {
                "make yourself the owner of the file and its folder with `chown`, then run `chmod u+rwX`"
            }
            Why::Corrupt(Damage::Empty) => {
                "restore it from a backup, or remove it to start with an empty store"
            }
            Why::Corrupt(_) | Why::Row(_) => {
                "move the file and the files beside it (-wal, -shm) to another folder, and keep them; the broker \
                 then starts with an empty store. `sqlite3 FILE .recover` shows what can still be read"
            }
            Why::Odd { .. } => "move that file or folder elsewhere",
            Why::Gone { .. } => "try again in a few seconds; no recorded data is lost",
            Why::Replaced { .. } => {
                "move that file away, and the broker restores its own; or stop the broker to use that file: \
                 `oncue daemon --stop`"
            }
            Why::Newer { .. } => "use the newer oncue that wrote it, or set ONCUE_HOME to another folder",
            Why::InUse => "stop the program that has it open; `fuser` shows which one",
            Why::CannotRead(_) => "check the disk: the kernel's log (`dmesg`) says more",
            Why::CannotWrite(_) | Why::ReadOnly => {
                "free disk space, or make the file and its folder writable"
            }
            Why::NoText { .. } => "simplify that part of the task",
            Why::NoRandom(_) | Why::Sqlite(_) => {
                "try again; if it happens again, report it with this message"
            }
        }
    }
}

/// What was attempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    /// Opening it.
    Open,
    /// Reading the state that the broker starts with.
    Load,
    /// Making records durable.
    Append,
    /// Reading the ledger.
    History,
    /// Removing old entries from the ledger.
    Forget,
    /// Writing it again after it was removed.
    PutBack,
    /// Setting a damaged ledger aside.
    Mend,
}

/// Why it failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Why {
    /// The file cannot be created or opened.
    #[error("it cannot be opened: {0}: its folder must exist and belong to you")]
    CannotOpen(#[source] io::Error),
    /// It is not a store, or is damaged.
    #[error("it is corrupt: {0}; it will not be overwritten: move it away to start with an empty one")]
    Corrupt(#[source] Damage),
    /// One of its files is not a regular file.
    #[error("{}: {source}", path.display())]
    Odd {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        source: io::Error,
    },
    /// One of its files was removed while it was open.
    #[error("{} was removed while the broker had it open ({why}); the broker is recreating it", path.display())]
    Gone {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        why: io::Error,
    },
    /// One of its files was replaced by another while it was open.
    #[error("{} was replaced by another file while the broker had the store open; the new file is left alone", path.display())]
    Replaced {
        /// The file.
        path: PathBuf,
    },
    /// A newer oncue wrote it.
    #[error("its version is {found}, but this oncue only supports versions up to {known}: use a newer oncue")]
    Newer {
        /// Its version.
        found: u32,
        /// The newest version that this oncue supports.
        known: u32,
    },
    /// Another process has it open.
    #[error("it is in use: end the other broker, or any other program that has it open")]
    InUse,
    /// The disk cannot be read.
    #[error("it cannot be read: {0}: check the disk")]
    CannotRead(#[source] rusqlite::Error),
    /// The file or the disk cannot be written.
    #[error("it cannot be written: {0}: free disk space, or make file and folder writable")]
    CannotWrite(#[source] rusqlite::Error),
    /// The file was opened, but only for reading.
    #[error("it cannot be written: the file or file system is read-only: make it writable")]
    ReadOnly,
    /// A row is invalid.
    #[error(transparent)]
    Row(#[from] Box<RowError>),
    /// The text form of a part of a task is ambiguous.
    #[error(
        "the {part} of task {task} cannot be stored, because its text form is ambiguous: `{text}`: simplify it"
    )]
    NoText {
        /// The task.
        task: TaskId,
        /// Which part: condition or policy.
        part: &'static str,
        /// The text.
        text: String,
    },
    /// Random numbers are not available.
    #[error("cannot generate random ids: {0}")]
    NoRandom(#[source] getrandom::Error),
    /// SQLite fails for another reason.
    #[error("SQLite: {0}")]
    Sqlite(#[source] rusqlite::Error),
}

/// What is wrong with a corrupt store.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Damage {
    /// SQLite does not recognise it as a database, or failed.
    #[error("{0}")]
    Sqlite(#[source] rusqlite::Error),
    /// SQLite's integrity check found a problem.
    #[error("{found}")]
    Found {
        /// The problem, in SQLite's words.
        found: String,
    },
    /// The file is empty, which a store never is.
    #[error("it is empty, which a store never is")]
    Empty,
    /// The file is empty or missing, although it has a journal that may contain the latest records.
    #[error("it is empty, but has a journal {}, which must be moved too", journal.display())]
    CutOff {
        /// The journal.
        journal: PathBuf,
    },
    /// It is the database of another program.
    #[error("it is another program's database, of application id {application:#x} and version {version}")]
    Foreign {
        /// SQLite's `application_id`.
        application: i64,
        /// SQLite's `user_version`.
        version: i64,
    },
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "opening",
            Self::Load => "loading",
            Self::Append => "writing to",
            Self::History => "reading the ledger of",
            Self::Forget => "forgetting old entries of",
            Self::PutBack => "putting back",
            Self::Mend => "setting aside the damaged ledger of",
        })
    }
}

/// Distinguishes the cases by SQLite's result codes ("Result and Error Codes").
impl From<rusqlite::Error> for Why {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                Self::Corrupt(Damage::Sqlite(error))
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse,
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::CannotOpen(io::Error::other(error))
            }
            Some(ErrorCode::SystemIoFailure) if is_of_reading(&error) => Self::CannotRead(error),
            Some(ErrorCode::ReadOnly | ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => {
                Self::CannotWrite(error)
            }
            _ => Self::Sqlite(error),
        }
    }
}

fn is_of_reading(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_extended_error_code(), Some(ffi::SQLITE_IOERR_READ | ffi::SQLITE_IOERR_SHORT_READ))
}
