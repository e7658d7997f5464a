//! One broker at a time: who holds the lock is it; whoever comes second learns that it is not needed.
//!
//! A starter first takes `starting.lock`, waiting for others that start at the same moment; the one
//! that then gets `broker.lock` keeps it for life and lets `starting.lock` go once it can be asked.
//! So whoever finds `broker.lock` taken knows that the other one is ready.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

/// The lock of the one broker; held as long as this lives.
#[derive(Debug)]
pub(crate) struct Single {
    alive: File,
    starting: Option<File>,
}

/// The folder for socket and locks is not safe to use.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeFolderError {
    /// It cannot be made or its locks not be opened.
    #[error("preparing {}: {source}", path.display())]
    Unusable {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It belongs to somebody else.
    #[error("{} belongs to user {owner}, not to you", path.display())]
    NotOurs {
        /// The folder.
        path: PathBuf,
        /// Its owner.
        owner: u32,
    },
}

impl Single {
    /// Takes the lock, or returns nothing when another broker has it and can be asked.
    pub(crate) fn take(runtime: &Path) -> Result<Option<Self>, RuntimeFolderError> {
        private_folder(runtime)?;
        let starting = lock_file(&runtime.join("starting.lock"))?;
        let unusable = |source: rustix::io::Errno| RuntimeFolderError::Unusable {
            path: runtime.join("starting.lock"),
            source: source.into(),
        };
        flock(&starting, FlockOperation::LockExclusive).map_err(unusable)?;
        let alive = lock_file(&runtime.join("broker.lock"))?;
        match flock(&alive, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self { alive, starting: Some(starting) })),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(unusable(error)),
        }
    }

    /// Says that the broker can be asked now: whoever waits to start may look.
    pub(crate) fn ready(&mut self) {
        self.starting = None;
    }
}

impl Drop for Single {
    /// Gives the lock back by name: a process that is still being made, from a file system that does
    /// not answer, has the same file open and lives on.
    fn drop(&mut self) {
        let _ = flock(&self.alive, FlockOperation::Unlock);
    }
}

/// Makes a folder that only its owner may enter, and checks that it is ours.
pub(crate) fn private_folder(path: &Path) -> Result<(), RuntimeFolderError> {
    let unusable = |source| RuntimeFolderError::Unusable { path: path.to_owned(), source };
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(unusable)?;
    let owner = std::fs::metadata(path).map_err(unusable)?.uid();
    if owner != rustix::process::getuid().as_raw() {
        return Err(RuntimeFolderError::NotOurs { path: path.to_owned(), owner });
    }
    Ok(())
}

fn lock_file(path: &Path) -> Result<File, RuntimeFolderError> {
    let opened = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path);
    opened.map_err(|source| RuntimeFolderError::Unusable { path: path.to_owned(), source })
}
