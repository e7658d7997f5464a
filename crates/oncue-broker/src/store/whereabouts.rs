//! Whether the store's files are still where they were opened. Records that go into a file which was
//! removed or replaced meanwhile are lost with it, though nothing fails.

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

/// What a file is by, whatever its path: device and inode.
type Id = (u64, u64);

impl Whereabouts {
    /// Takes note of the files of a store that was just opened.
    pub(super) fn of(store: &Path) -> Result<Self, Why> {
        let file = |path: PathBuf| match id(&path) {
            Ok(id) => Ok((path, id)),
            Err(error) => Err(Why::Gone { path, why: error }),
        };
        Ok(Self { files: [file(store.to_owned())?, file(journal(store))?] })
    }

    /// Makes sure that the files are still at their paths.
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

/// Removes the journal that SQLite has begun for a store that was then refused. One that holds
/// anything is left as it is.
pub(super) fn remove_empty_journal(store: &Path) {
    let journal = journal(store);
    if fs::symlink_metadata(&journal).is_ok_and(|known| known.is_file() && known.len() == 0) {
        // Should it stay, it does no harm.
        let _ = fs::remove_file(journal);
    }
}

fn id(path: &Path) -> io::Result<Id> {
    fs::symlink_metadata(path).map(|known| (known.dev(), known.ino()))
}
