//! inotify(7): which folder is watched for whom, and what happened in it.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use oncue_core::TaskId;
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;
use tokio::io::unix::AsyncFd;

use crate::descriptor;

/// What makes a difference to a folder; reading and opening does not.
const MASK: WatchFlags = WatchFlags::ATTRIB
    .union(WatchFlags::CLOSE_WRITE)
    .union(WatchFlags::MODIFY)
    .union(WatchFlags::CREATE)
    .union(WatchFlags::DELETE)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF)
    .union(WatchFlags::MOVED_FROM)
    .union(WatchFlags::MOVED_TO)
    .union(WatchFlags::ONLYDIR);

/// How many bytes are read at once; one event has 16 and a name.
const READ: usize = 16 * 1024;

/// One inotify instance.
pub(super) struct Kernel {
    notices: AsyncFd<OwnedFd>,
    users: HashMap<i32, HashSet<TaskId>>,
    watches: HashMap<TaskId, HashSet<i32>>,
    /// How many folders may be watched, where that is less than the kernel's own limit.
    room: usize,
}

/// What the kernel told.
#[derive(Debug)]
pub(super) enum Happened {
    /// So much happened that some of it is lost.
    Overflow,
    /// Something happened in a folder, or to it when there is no name.
    In { wd: i32, name: OsString, what: What },
}

/// What happened to an entry of a folder.
#[derive(Clone, Copy, Debug)]
pub(super) struct What {
    /// It is new here.
    pub(super) came: bool,
    /// It is no longer here.
    pub(super) went: bool,
    /// It is a folder.
    pub(super) folder: bool,
    /// The folder itself was moved or removed.
    pub(super) itself: bool,
    /// The kernel has given the watch up.
    pub(super) gone: bool,
}

impl Kernel {
    pub(super) fn open() -> io::Result<Self> {
        Self::over(inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?)
    }

    fn over(notices: OwnedFd) -> io::Result<Self> {
        let notices = descriptor::readable(notices)?;
        Ok(Self { notices, users: HashMap::new(), watches: HashMap::new(), room: usize::MAX })
    }

    /// One with the room that there is where other programs watch a lot.
    #[cfg(test)]
    pub(super) fn with_room(folders: usize) -> Self {
        Self { room: folders, ..Self::open().unwrap() }
    }

    /// One that reads from something else.
    #[cfg(test)]
    pub(super) fn reading(notices: OwnedFd) -> Self {
        Self::over(notices).unwrap()
    }

    /// Watches a folder for a task; watching it twice is watching it once.
    pub(super) fn watch(&mut self, task: TaskId, folder: &Path) -> Result<i32, Errno> {
        let wd = inotify::add_watch(self.notices.get_ref(), folder, MASK)?;
        if self.users.len() >= self.room && !self.users.contains_key(&wd) {
            inotify::remove_watch(self.notices.get_ref(), wd)?;
            return Err(Errno::NOSPC);
        }
        self.users.entry(wd).or_default().insert(task);
        self.watches.entry(task).or_default().insert(wd);
        Ok(wd)
    }

    /// Watches a folder no more for a task.
    pub(super) fn release(&mut self, task: TaskId, wd: i32) {
        if let Some(theirs) = self.watches.get_mut(&task) {
            theirs.remove(&wd);
        }
        let Some(users) = self.users.get_mut(&wd) else { return };
        users.remove(&task);
        if users.is_empty() {
            self.users.remove(&wd);
            // It is gone already where the folder is.
            let _ = inotify::remove_watch(self.notices.get_ref(), wd);
        }
    }

    pub(super) fn release_all(&mut self, task: TaskId) {
        for wd in self.watches.remove(&task).unwrap_or_default() {
            self.release(task, wd);
        }
    }

    /// Forgets a watch that the kernel has given up.
    pub(super) fn forget(&mut self, wd: i32) {
        for task in self.users.remove(&wd).unwrap_or_default() {
            if let Some(theirs) = self.watches.get_mut(&task) {
                theirs.remove(&wd);
            }
        }
    }

    pub(super) fn users(&self, wd: i32) -> Vec<TaskId> {
        self.users.get(&wd).into_iter().flatten().copied().collect()
    }

    #[cfg(test)]
    pub(super) fn n_watches(&self) -> usize {
        self.users.len()
    }

    /// Waits until something has happened, and takes what there is.
    pub(super) async fn happened(&self) -> io::Result<Vec<Happened>> {
        loop {
            let mut ready = self.notices.readable().await?;
            let mut buffer = [MaybeUninit::uninit(); READ];
            let mut reader = Reader::new(ready.get_inner(), &mut buffer);
            let mut happened = Vec::new();
            let blocks = loop {
                match reader.next() {
                    Ok(event) => happened.push(read(event.wd(), event.events(), event.file_name())),
                    Err(Errno::AGAIN) => break true,
                    Err(error) => return Err(error.into()),
                }
                if reader.is_buffer_empty() {
                    break false;
                }
            };
            if blocks {
                ready.clear_ready();
            }
            if !happened.is_empty() {
                return Ok(happened);
            }
        }
    }
}

fn read(wd: i32, events: ReadFlags, name: Option<&std::ffi::CStr>) -> Happened {
    if events.contains(ReadFlags::QUEUE_OVERFLOW) {
        return Happened::Overflow;
    }
    let name = name.map(|name| OsStr::from_bytes(name.to_bytes()).to_owned()).unwrap_or_default();
    let any = |flags: ReadFlags| events.intersects(flags);
    let what = What {
        came: any(ReadFlags::CREATE | ReadFlags::MOVED_TO),
        went: any(ReadFlags::DELETE | ReadFlags::MOVED_FROM),
        folder: any(ReadFlags::ISDIR),
        itself: any(ReadFlags::DELETE_SELF | ReadFlags::MOVE_SELF | ReadFlags::IGNORED | ReadFlags::UNMOUNT),
        gone: any(ReadFlags::IGNORED),
    };
    Happened::In { wd, name, what }
}
