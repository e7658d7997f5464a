//! Checks whether the store's files are still where they were opened. Records written to a file
//! that has been removed or replaced would be lost with it, although nothing fails.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::fault::Why;

/// The store's file and its journal, as they were when the store was opened.
#[derive(Debug)]
pub(super) struct Whereabouts {
    files: [(PathBuf, Id); 2],
}

/// Identifies a file, whatever its path: device and inode.
type Id = (u64, u64);

impl Whereabouts {
    /// Records the files of a store that was just opened.
    pub(super) fn of(store: &Path) -> Result<Self, Why> {
        let file = |path: PathBuf| match id(&path) {
            Ok(id) => Ok((path, id)),
            Err(error) => Err(Why::Gone { path, why: error }),
        };
        Ok(Self { files: [file(store.to_owned())?, file(journal(store))?] })
    }

    /// Checks that the files are still at their paths.
    pub(super) fn check(&self) -> Result<(), Why> {
        for (path, opened) in &self.files {
            match id(path) {
                Ok(now) if now == *opened => {}
                Ok(_) => return Err(Why::Replaced { path: path.clone() }),
                Err(why) => return Err(Why::Gone { path: path.clone(), why }),
            }
        }
        Ok(())
    }
}

/// Returns the path of a store's journal.
pub(super) fn journal(store: &Path) -> PathBuf {
    let mut journal: OsString = store.into();
    journal.push("-wal");
    journal.into()
}

/// Removes the empty journal that SQLite has created for a store that was then refused. A journal
/// with contents is left alone.
pub(super) fn remove_empty_journal(store: &Path) {
    let journal = journal(store);
    if fs::symlink_metadata(&journal).is_ok_and(|known| known.is_file() && known.len() == 0) {
        // If it cannot be removed, it does no harm.
        let _ = fs::remove_file(journal);
    }
}

fn id(path: &Path) -> io::Result<Id> {
    fs::symlink_metadata(path).map(|known| (known.dev(), known.ino()))
}
