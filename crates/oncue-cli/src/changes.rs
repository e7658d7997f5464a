//! Changes of a folder, as inotify(7) reports them.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::inotify::{CreateFlags, Reader, WatchFlags, add_watch, init};
use rustix::io::Errno;

/// Waits for changes of a folder.
#[derive(Debug)]
pub(crate) struct Changes {
    instance: OwnedFd,
    /// Waiting ends when the other end of this is closed.
    ends: Option<OwnedFd>,
    /// The folder, below others that need not exist either.
    folders: Vec<PathBuf>,
}

impl Changes {
    /// Starts to watch; `above` is the folder above, in one that exists.
    ///
    /// # Errors
    /// Returns an error if the system refuses.
    pub(crate) fn of(above: &Path, folder: &Path) -> io::Result<Self> {
        Self::start(above, folder, None)
    }

    /// Like [`of`](Self::of), but ends when the other end of a pipe is closed.
    ///
    /// # Errors
    /// Returns an error if the system refuses.
    pub(crate) fn until_closed(above: &Path, folder: &Path, ends: OwnedFd) -> io::Result<Self> {
        Self::start(above, folder, Some(ends))
    }

    fn start(above: &Path, folder: &Path, ends: Option<OwnedFd>) -> io::Result<Self> {
        let instance = init(CreateFlags::CLOEXEC)?;
        let root = above.parent().map(Path::to_owned);
        let folders = root.into_iter().chain([above.to_owned(), folder.to_owned()]).collect();
        let changes = Self { instance, ends, folders };
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
        if let Some(ends) = &self.ends {
            let mut both = [PollFd::new(&self.instance, PollFlags::IN), PollFd::new(ends, PollFlags::IN)];
            while poll(&mut both, None) == Err(Errno::INTR) {}
            if !both[1].revents().is_empty() {
                return None;
            }
        }
        let mut buffer = [MaybeUninit::uninit(); 4_096];
        Reader::new(&self.instance, &mut buffer).next().ok()?;
        self.watch();
        Some(())
    }
}
