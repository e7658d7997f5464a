//! Ensures that only one broker runs: the one that holds the lock.
//!
//! A broker that starts first takes `starting.lock`, and so waits for others that start at the same
//! moment. If it then gets `broker.lock`, it keeps it until it ends, and releases `starting.lock`
//! once it can be reached. So a broker that finds `broker.lock` taken knows that the other one was
//! ready. If nobody listens at the socket any more, the other one is about to end, and its end is
//! awaited.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use oncue_wire::Place;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};

use crate::regular;

/// How long a broker that has closed its socket may take to end.
const END_WITHIN: Duration = Duration::from_secs(5);

/// How often to check whether it has.
const EVERY: Duration = Duration::from_millis(5);

/// The lock of the running broker, held as long as this lives.
#[derive(Debug)]
pub(crate) struct Single {
    alive: File,
    /// The device and inode of that lock.
    id: (u64, u64),
    starting: Option<File>,
}

/// The folder for socket and locks is not safe to use.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeFolderError {
    /// It cannot be created, or its locks cannot be opened.
    #[error("preparing {}: {source}", path.display())]
    Unusable {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// It belongs to another user.
    #[error("{} belongs to user {owner}, not to you", path.display())]
    NotOurs {
        /// The folder.
        path: PathBuf,
        /// Its owner.
        owner: u32,
    },
}

impl Single {
    /// Takes the lock, or returns `None` if another broker holds it and listens at `socket`. If
    /// that broker no longer listens, waits until it has ended.
    #[expect(clippy::disallowed_methods, reason = "the broker has not started yet")]
    pub(crate) fn take(runtime: &Path, socket: &Path) -> Result<Option<Self>, RuntimeFolderError> {
        if let Some(opened) = private_folder(runtime)? {
            tracing::warn!("{opened}");
        }
        let starting = lock_file(&runtime.join("starting.lock"))?;
        let unusable = |source: rustix::io::Errno| RuntimeFolderError::Unusable {
            path: runtime.join("starting.lock"),
            source: source.into(),
        };
        flock(&starting, FlockOperation::LockExclusive).map_err(unusable)?;
        let alive = lock_file(&Self::lock(runtime))?;
        let known = alive
            .metadata()
            .map_err(|source| RuntimeFolderError::Unusable { path: Self::lock(runtime), source })?;
        let id = (known.dev(), known.ino());
        let until = Instant::now() + END_WITHIN;
        loop {
            match flock(&alive, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Some(Self { alive, id, starting: Some(starting) })),
                Err(Errno::WOULDBLOCK) if is_heard(socket) || Instant::now() >= until => return Ok(None),
                Err(Errno::WOULDBLOCK) => sleep(EVERY),
                Err(error) => return Err(unusable(error)),
            }
        }
    }

    /// Called when the broker can be reached. Brokers that are waiting to start check for it once the
    /// returned file has been closed, which takes as long as its file system does.
    #[must_use]
    pub(crate) fn ready(&mut self) -> Option<File> {
        self.starting.take()
    }
}

impl Single {
    /// Returns the path of the lock that the running broker holds.
    pub(crate) fn lock(runtime: &Path) -> PathBuf {
        runtime.join("broker.lock")
    }

    /// Returns whether a broker runs, without connecting to it: the service manager would start one.
    pub(crate) fn is_held(runtime: &Path) -> io::Result<bool> {
        let open = |name: &str| OpenOptions::new().read(true).open(runtime.join(name));
        let (starting, alive) = match (open("starting.lock"), open("broker.lock")) {
            (Ok(starting), Ok(alive)) => (starting, alive),
            (Err(error), _) | (_, Err(error)) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            (Err(error), _) | (_, Err(error)) => return Err(error),
        };
        // Brokers that are about to start wait for the first lock, so none sees the second one taken.
        for lock in [&starting, &alive] {
            match flock(lock, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {}
                Err(Errno::WOULDBLOCK) => return Ok(true),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(false)
    }

    /// Returns the device and inode of the held lock.
    pub(crate) fn id(&self) -> (u64, u64) {
        self.id
    }
}

impl Drop for Single {
    /// Releases the lock explicitly: a process that is just being started from a file system that
    /// does not answer has the same file open and lives on.
    fn drop(&mut self) {
        let _ = flock(&self.alive, FlockOperation::Unlock);
    }
}

/// Returns whether a broker of this user runs, without starting one.
///
/// # Errors
/// Returns an error if its lock cannot be read.
pub fn is_running(place: &Place) -> io::Result<bool> {
    Single::is_held(&place.runtime)
}

/// Returns whether a process listens at a socket, without waiting for a busy one.
pub(crate) fn is_heard(socket: &Path) -> bool {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let knocked = SocketAddrUnix::new(socket).and_then(|address| {
        connect(&socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?, &address)
    });
    !matches!(knocked, Err(Errno::NOENT | Errno::CONNREFUSED))
}

/// A folder that others could change until now.
#[derive(Debug, thiserror::Error)]
#[error("other users could change files in {} (mode {mode:o}); it has been made private (mode 700)", path.display())]
pub(crate) struct WasOpen {
    path: PathBuf,
    mode: u32,
}

/// Creates a folder that only its owner can enter. An existing one must belong to us. If others can
/// write to it, this permission is removed, provided that it contains nothing of theirs.
pub(crate) fn private_folder(path: &Path) -> Result<Option<WasOpen>, RuntimeFolderError> {
    let unusable = |source| RuntimeFolderError::Unusable { path: path.to_owned(), source };
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(unusable)?;
    let known = fs::metadata(path).map_err(unusable)?;
    must_be_ours(path, &known)?;
    let mode = known.mode() & 0o7777;
    if mode & 0o022 == 0 {
        return Ok(None);
    }
    fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(unusable)?;
    for entry in fs::read_dir(path).map_err(unusable)?.flatten() {
        must_be_ours(&entry.path(), &entry.metadata().map_err(unusable)?)?;
    }
    Ok(Some(WasOpen { path: path.to_owned(), mode }))
}

fn must_be_ours(path: &Path, known: &Metadata) -> Result<(), RuntimeFolderError> {
    let owner = known.uid();
    if owner == rustix::process::getuid().as_raw() {
        return Ok(());
    }
    Err(RuntimeFolderError::NotOurs { path: path.to_owned(), owner })
}

fn lock_file(path: &Path) -> Result<File, RuntimeFolderError> {
    let opened = regular::open(path, OpenOptions::new().create(true).truncate(false).write(true).mode(0o600));
    opened.map_err(|source| RuntimeFolderError::Unusable { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_broker_that_no_longer_listens_is_waited_for() {
        let home = tempfile::tempdir().unwrap();
        let socket = home.path().join("broker.sock");
        let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let mut first = Single::take(home.path(), &socket).unwrap().unwrap();
        drop(first.ready());
        assert!(Single::take(home.path(), &socket).unwrap().is_none(), "it listens");
        drop(listener);
        let (runtime, stale) = (home.path().to_owned(), socket.clone());
        let second =
            std::thread::Builder::new().spawn(move || Single::take(&runtime, &stale).unwrap()).unwrap();
        // The second one holds `starting.lock` while it waits for the first one's end.
        let starting = lock_file(&home.path().join("starting.lock")).unwrap();
        while flock(&starting, FlockOperation::NonBlockingLockExclusive).is_ok() {
            flock(&starting, FlockOperation::Unlock).unwrap();
            assert!(!second.is_finished(), "it gave up");
            std::thread::yield_now();
        }
        drop(first);
        assert!(second.join().unwrap().is_some(), "it takes the first one's place");
    }

    #[test]
    fn a_folder_that_others_could_write_to_is_taken_back_and_said() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("run");
        assert!(private_folder(&folder).unwrap().is_none(), "a new one is private");
        fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
        let said = private_folder(&folder).unwrap().unwrap().to_string();
        assert!(said.contains("mode 777"), "{said}");
        assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
        assert!(private_folder(&folder).unwrap().is_none());
    }
}
