//! Changes of a folder, as inotify(7) reports them.

use std::io;
use std::mem::MaybeUninit;
use std::path::{Path, PathBuf};

use rustix::fs::inotify::{CreateFlags, Reader, WatchFlags, add_watch, init};
use std::os::fd::OwnedFd;

/// Waits for changes of a folder.
#[derive(Debug)]
pub(crate) struct Changes {
    instance: OwnedFd,
    /// The folder, below others that need not exist either.
    folders: Vec<PathBuf>,
}

impl Changes {
    /// Starts to watch; `above` is the folder above, in one that exists.
    ///
    /// # Errors
    /// Returns an error if the system refuses.
    pub(crate) fn of(above: &Path, folder: &Path) -> io::Result<Self> {
        let instance = init(CreateFlags::CLOEXEC)?;
        let root = above.parent().map(Path::to_owned);
        let folders = root.into_iter().chain([above.to_owned(), folder.to_owned()]).collect();
        let changes = Self { instance, folders };
        changes.watch();
        Ok(changes)
    }

    /// Watches what exists by now. The folders above come first, so the creation of each is noticed.
    fn watch(&self) {
        for (at, folder) in self.folders.iter().enumerate() {
            let mut mask = WatchFlags::CREATE | WatchFlags::MOVED_TO;
            if at + 1 == self.folders.len() {
                mask |= WatchFlags::MODIFY;
            }
            // One that does not exist is watched later.
            let _ = add_watch(&self.instance, folder, mask);
        }
    }
}

impl Iterator for Changes {
    type Item = ();

    fn next(&mut self) -> Option<()> {
        let mut buffer = [MaybeUninit::uninit(); 4_096];
        Reader::new(&self.instance, &mut buffer).next().ok()?;
        self.watch();
        Some(())
    }
}
