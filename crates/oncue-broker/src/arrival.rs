//! When to try a message bus again: when something happens in the folder of its socket.
//!
//! An idle broker is not woken while there is no bus. If the folder cannot be watched, the bus is tried
//! once a minute.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::inotify::{self, CreateFlags, Reader, WatchFlags};
use rustix::io::Errno;
use tokio::io::unix::AsyncFd;

use crate::descriptor;

/// The pauses after an event: a socket exists before anything listens at it.
const PAUSES: [Duration; 6] = [
    Duration::from_millis(20),
    Duration::from_millis(100),
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(10),
    Duration::from_secs(30),
];
/// The pause if the folder cannot be watched.
const UNWATCHED: Duration = Duration::from_secs(60);

/// Reports when the bus may have started.
#[derive(Debug)]
pub(crate) struct Arrival {
    /// The socket; `None` if the address names none in the file system.
    socket: Option<PathBuf>,
    watch: Option<AsyncFd<OwnedFd>>,
    /// The number of attempts since the last event.
    tried: usize,
}

impl Arrival {
    pub(crate) fn of(address: &str) -> Self {
        let path =
            address.strip_prefix("unix:path=").map(|rest| rest.split([',', ';']).next().unwrap_or(rest));
        Self { socket: path.map(PathBuf::from), watch: None, tried: PAUSES.len() }
    }

    /// Watches the socket's folder, or its nearest existing ancestor.
    pub(crate) fn watch(&mut self) {
        let Some(socket) = &self.socket else { return };
        match watch(socket) {
            Ok(watch) => self.watch = Some(watch),
            Err(error) => {
                tracing::debug!("watching for {}: {error}", socket.display());
                self.watch = None;
            }
        }
    }

    /// Starts over after the bus has gone, since it may be restarting.
    pub(crate) fn begin_again(&mut self) {
        self.tried = 0;
    }

    /// Waits until it is time to try again.
    pub(crate) async fn next(&mut self) {
        let pause = PAUSES.get(self.tried).copied();
        let Some(watch) = &self.watch else {
            self.tried += 1;
            return tokio::time::sleep(pause.unwrap_or(UNWATCHED)).await;
        };
        let happened = async {
            if let Err(error) = happened(watch).await {
                tracing::warn!("watching for a message bus: {error}; trying once a minute");
                tokio::time::sleep(UNWATCHED).await;
            }
        };
        match pause {
            None => happened.await,
            Some(pause) => {
                if tokio::time::timeout(pause, happened).await.is_err() {
                    self.tried += 1;
                    return;
                }
            }
        }
        self.tried = 0;
    }
}

fn watch(socket: &Path) -> io::Result<AsyncFd<OwnedFd>> {
    let what = WatchFlags::CREATE | WatchFlags::MOVED_TO | WatchFlags::ATTRIB | WatchFlags::ONLYDIR;
    let watch = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
    let mut last = Errno::NOENT;
    for folder in socket.ancestors().skip(1) {
        match inotify::add_watch(&watch, folder, what) {
            Ok(_) => return descriptor::readable(watch),
            Err(error) => last = error,
        }
    }
    Err(last.into())
}

/// Waits for an event, and discards all pending ones.
async fn happened(watch: &AsyncFd<OwnedFd>) -> io::Result<()> {
    let mut ready = watch.readable().await?;
    let mut room = [MaybeUninit::uninit(); 4_096];
    let mut reader = Reader::new(ready.get_inner(), &mut room);
    loop {
        match reader.next() {
            Ok(_) => {}
            Err(Errno::AGAIN) => break,
            Err(error) => return Err(error.into()),
        }
    }
    ready.clear_ready();
    Ok(())
}
