//! inotify(7): what is watched, and what happened to it.

use std::ffi::{OsStr, OsString};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;
use tokio::io::unix::AsyncFd;

use super::trouble::MAX_USER_WATCHES;
use crate::descriptor;

/// What can lead a path elsewhere: entries that come, go or get other permissions.
const LEADS: WatchFlags = WatchFlags::ATTRIB
    .union(WatchFlags::CREATE)
    .union(WatchFlags::DELETE)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF)
    .union(WatchFlags::MOVED_FROM)
    .union(WatchFlags::MOVED_TO);

/// What else changes a file or the files in a folder; reading and opening does not.
const CONTENT: WatchFlags = LEADS.union(WatchFlags::CLOSE_WRITE).union(WatchFlags::MODIFY);

/// How many bytes are read at once; one event has 16 and a name.
const READ: usize = 16 * 1024;

/// What of a file or folder is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// What can lead a path elsewhere.
    Leads,
    /// The content as well.
    Content,
}

/// The reading end of one inotify instance.
pub(super) struct Kernel {
    instance: AsyncFd<OwnedFd>,
    /// The watch on the kernel's limit of watches, as long as that can be watched.
    limit: Option<i32>,
}

/// The end by which files and folders are watched; its calls may take as long as a file system does.
pub(super) struct Inotify {
    instance: OwnedFd,
    /// How many may be watched, where that is less than the kernel's own limit.
    room: usize,
}

/// What the kernel told.
#[derive(Debug)]
pub(super) enum Happened {
    /// So much happened that some of it is lost.
    Overflow,
    /// Somebody has set the limit of watches.
    LimitSet,
    /// Something happened in a folder, or to what is watched itself when there is no name.
    In { wd: i32, name: OsString, what: What },
}

/// What happened to an entry of a folder.
#[derive(Clone, Copy, Debug)]
pub(super) struct What {
    /// It is new here.
    pub(super) came: bool,
    /// It is no longer here.
    pub(super) went: bool,
    /// Its permissions may be others.
    pub(super) permits: bool,
    /// It is a folder.
    pub(super) folder: bool,
    /// What is watched was itself moved, removed or unmounted.
    pub(super) itself: bool,
    /// The kernel has given the watch up.
    pub(super) gone: bool,
}

/// Makes an inotify instance.
pub(super) fn open() -> io::Result<(Kernel, Inotify)> {
    over(inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?)
}

/// Takes a descriptor for an inotify instance.
pub(super) fn over(instance: OwnedFd) -> io::Result<(Kernel, Inotify)> {
    let inotify = Inotify { instance: instance.try_clone()?, room: usize::MAX };
    // It is set by writing to a file, which tells as any other. Where it does not, it is tried now and then.
    let limit = inotify::add_watch(&instance, MAX_USER_WATCHES, WatchFlags::CLOSE_WRITE).ok();
    Ok((Kernel { instance: descriptor::readable(instance)?, limit }, inotify))
}

impl Inotify {
    /// Leaves as little room as there is where other programs watch a lot.
    #[cfg(test)]
    pub(super) fn with_room(self, room: usize) -> Self {
        Self { room, ..self }
    }

    #[cfg(test)]
    pub(super) fn instance(&self) -> std::os::fd::RawFd {
        self.instance.as_raw_fd()
    }

    /// Whether one more than so many may be watched.
    pub(super) fn has_room(&self, watched: usize) -> bool {
        watched < self.room
    }

    /// Watches an open file or folder; one that is watched already is watched for both scopes.
    pub(super) fn watch(&self, file: &impl AsFd, scope: Scope) -> Result<i32, Errno> {
        let mask = match scope {
            Scope::Leads => LEADS,
            Scope::Content => CONTENT,
        };
        // By its descriptor, so that what is watched is what was looked at.
        let path = format!("/proc/self/fd/{}", file.as_fd().as_raw_fd());
        inotify::add_watch(&self.instance, path, mask | WatchFlags::MASK_ADD)
    }

    /// Watches something no more.
    pub(super) fn give_back(&self, wd: i32) {
        // It is gone already where the folder is.
        let _ = inotify::remove_watch(&self.instance, wd);
    }
}

impl Kernel {
    #[cfg(test)]
    pub(super) fn is_drained(&self) -> bool {
        rustix::io::ioctl_fionread(self.instance.get_ref()).unwrap_or_default() == 0
    }

    /// Waits until something has happened, and takes what there is.
    pub(super) async fn happened(&self) -> io::Result<Vec<Happened>> {
        loop {
            let mut ready = self.instance.readable().await?;
            let mut buffer = [MaybeUninit::uninit(); READ];
            let mut reader = Reader::new(ready.get_inner(), &mut buffer);
            let mut happened = Vec::new();
            let blocks = loop {
                match reader.next() {
                    Ok(event) if Some(event.wd()) == self.limit => happened.push(Happened::LimitSet),
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
        permits: any(ReadFlags::ATTRIB),
        folder: any(ReadFlags::ISDIR),
        itself: any(ReadFlags::DELETE_SELF | ReadFlags::MOVE_SELF | ReadFlags::IGNORED | ReadFlags::UNMOUNT),
        gone: any(ReadFlags::IGNORED),
    };
    Happened::In { wd, name, what }
}
