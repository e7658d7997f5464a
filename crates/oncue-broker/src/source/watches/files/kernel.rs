//! inotify(7): the watches and their events.

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

/// Events that can make a path lead elsewhere: entries that appear, disappear or change permissions.
const LEADS: WatchFlags = WatchFlags::ATTRIB
    .union(WatchFlags::CREATE)
    .union(WatchFlags::DELETE)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF)
    .union(WatchFlags::MOVED_FROM)
    .union(WatchFlags::MOVED_TO);

/// Other events that change a file or the files in a folder; reading and opening do not.
const CONTENT: WatchFlags = LEADS.union(WatchFlags::CLOSE_WRITE).union(WatchFlags::MODIFY);

/// How many bytes to read at once; an event has 16 bytes and a name.
const READ: usize = 16 * 1024;

/// Which events of a file or folder are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Those that can make a path lead elsewhere.
    Leads,
    /// Those that change the content, too.
    Content,
}

/// The reading end of one inotify instance.
pub(super) struct Kernel {
    instance: AsyncFd<OwnedFd>,
    /// The watch on the kernel's limit of watches, if it can be watched.
    limit: Option<i32>,
}

/// Adds and removes watches; its calls may take as long as a file system does.
pub(super) struct Inotify {
    instance: OwnedFd,
    /// How many watches are allowed, if fewer than the kernel's own limit.
    room: usize,
}

/// An event from the kernel.
#[derive(Debug)]
pub(super) enum Happened {
    /// There were so many events that some are lost.
    Overflow,
    /// The limit of watches was set.
    LimitSet,
    /// Something happened in a folder, or, without a name, to the watched file or folder itself.
    In { wd: i32, name: OsString, what: What },
}

/// What happened to an entry of a folder.
#[derive(Clone, Copy, Debug)]
pub(super) struct What {
    /// It has appeared.
    pub(super) came: bool,
    /// It has disappeared.
    pub(super) went: bool,
    /// Its permissions may have changed.
    pub(super) permits: bool,
    /// It is a folder.
    pub(super) folder: bool,
    /// The watched file or folder itself was moved, removed or unmounted.
    pub(super) itself: bool,
    /// The kernel has removed the watch.
    pub(super) gone: bool,
}

/// Creates an inotify instance.
pub(super) fn open() -> io::Result<(Kernel, Inotify)> {
    over(inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?)
}

/// Uses a descriptor as an inotify instance.
pub(super) fn over(instance: OwnedFd) -> io::Result<(Kernel, Inotify)> {
    let inotify = Inotify { instance: instance.try_clone()?, room: usize::MAX };
    // The limit is set by writing to a file, which is watched like any other. If that fails, watches are
    // retried from time to time.
    let limit = inotify::add_watch(&instance, MAX_USER_WATCHES, WatchFlags::CLOSE_WRITE).ok();
    Ok((Kernel { instance: descriptor::readable(instance)?, limit }, inotify))
}

impl Inotify {
    /// Limits the room, as if other programs had many watches.
    #[cfg(test)]
    pub(super) fn with_room(self, room: usize) -> Self {
        Self { room, ..self }
    }

    #[cfg(test)]
    pub(super) fn instance(&self) -> std::os::fd::RawFd {
        self.instance.as_raw_fd()
    }

    /// Returns whether there is room for one more watch than this number.
    pub(super) fn has_room(&self, watched: usize) -> bool {
        watched < self.room
    }

    /// Watches an open file or folder; if it is already watched, for both scopes.
    pub(super) fn watch(&self, file: &impl AsFd, scope: Scope) -> Result<i32, Errno> {
        let mask = match scope {
            Scope::Leads => LEADS,
            Scope::Content => CONTENT,
        };
        // By its descriptor, so that the watch is on the file that was inspected.
        let path = format!("/proc/self/fd/{}", file.as_fd().as_raw_fd());
        inotify::add_watch(&self.instance, path, mask | WatchFlags::MASK_ADD)
    }

    /// Removes a watch.
    pub(super) fn give_back(&self, wd: i32) {
        // It is already gone if the folder is.
        let _ = inotify::remove_watch(&self.instance, wd);
    }
}

impl Kernel {
    #[cfg(test)]
    pub(super) fn is_drained(&self) -> bool {
        rustix::io::ioctl_fionread(self.instance.get_ref()).unwrap_or_default() == 0
    }

    /// Waits for events, and returns all pending ones.
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
