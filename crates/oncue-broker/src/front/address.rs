//! The address: the socket and the locks, at the paths where clients look for them.
//!
//! If they are removed, the broker is unreachable, and no other broker can start, because the store is
//! in use. Therefore the broker recreates them, and exits if it cannot. It also exits if the store is
//! gone as well: then someone has deliberately cleared its home.

use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use oncue_core::CancellationReason;
use oncue_wire::Place;
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use tokio::io::unix::AsyncFd;
use tokio::sync::{Notify, mpsc};

use super::Listener;
use super::door::bind;
use super::log_in_folder::LogInFolder;
use crate::descriptor;
use crate::errand::{Errands, Unanswered};
use crate::inbox::Inbox;
use crate::inherited::{BoundBy, Inherited};
use crate::single::{RuntimeFolderError, Single};

/// How long checking the paths, or waiting for another process that starts a broker, may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long to wait for someone who removes files to finish.
const PAUSE: Duration = Duration::from_secs(1);

/// How often to check meanwhile whether the user has logged out.
const LOOKS: u32 = 20;

/// The events that show that the socket, a lock or their folder may be gone. No others wake the broker.
const GOES: WatchFlags = WatchFlags::DELETE
    .union(WatchFlags::MOVED_FROM)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF);

/// The socket and the locks, held.
pub(crate) struct Address {
    runtime: PathBuf,
    bound: Bound,
    single: Single,
    store: PathBuf,
    opened: Id,
    /// The folder that goes when the user logs out.
    log_in: Option<Arc<LogInFolder>>,
    /// Set when nothing of this home may be recreated, not even the store.
    cleared: Arc<AtomicBool>,
    errands: Errands,
}

/// The identity of a file, independent of its path: device and inode.
type Id = (u64, u64);

/// The socket that was bound last.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    socket: PathBuf,
    id: Arc<Mutex<Id>>,
    /// Whether the service manager has bound it, and still listens there when the broker has ended.
    stays: Arc<AtomicBool>,
}

impl Bound {
    fn new(socket: PathBuf, by: BoundBy) -> io::Result<Self> {
        let id = Arc::new(Mutex::new(id(&socket)?));
        let stays = by == BoundBy::ServiceManager;
        Ok(Self { socket, id, stays: Arc::new(AtomicBool::new(stays)) })
    }

    /// Notes that this broker has bound the socket itself.
    fn renew(&self, id: Id) {
        *self.id.lock().unwrap_or_else(PoisonError::into_inner) = id;
        self.stays.store(false, Ordering::Relaxed);
    }

    fn is_there(&self) -> bool {
        id(&self.socket).is_ok_and(|id| id == *self.id.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns who has bound it.
    pub(crate) fn by(&self) -> BoundBy {
        if self.stays.load(Ordering::Relaxed) { BoundBy::ServiceManager } else { BoundBy::Broker }
    }

    /// Removes the socket, but not that of a broker that has replaced this one, or of the service manager.
    pub(crate) async fn remove(&self, errands: &Errands) {
        if self.by() == BoundBy::ServiceManager {
            return;
        }
        const PATIENCE: Duration = Duration::from_secs(1);
        let bound = self.clone();
        let remove = move || {
            if bound.is_there() {
                let _ = fs::remove_file(&bound.socket);
            }
        };
        if let Err(unanswered) = errands.ask(&self.socket, PATIENCE, remove).await {
            tracing::warn!("removing the socket: {unanswered}");
        }
    }
}

/// Why the address could not be recreated.
#[derive(Debug, thiserror::Error)]
enum AddressError {
    #[error(transparent)]
    Folder(#[from] RuntimeFolderError),
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    #[error("listening at {}: {source}", socket.display())]
    Listen { socket: PathBuf, source: io::Error },
    #[error("another broker has taken its place")]
    Taken,
    #[error("the user has logged out")]
    LoggedOut,
    #[error("the store {} is gone as well", store.display())]
    Cleared { store: PathBuf },
}

/// What remains of the address.
enum Left {
    All,
    /// The lock exists, but not the socket.
    Lock,
    Nothing,
    /// The user has logged out, and may have logged in again.
    LoggedOut,
}

impl Address {
    /// Listens, with the lock held, at a new socket or at the one that was passed on. Processes that wait to start
    /// a broker can check for it from now on.
    pub(crate) fn listen(
        place: &Place,
        (mut single, passed): (Single, Option<Inherited>),
        cleared: Arc<AtomicBool>,
        errands: Errands,
    ) -> io::Result<(Self, Listener)> {
        let socket = place.socket();
        let (listener, bound_by) = match passed {
            Some(Inherited { socket, bound_by }) => (socket, bound_by),
            None => (bind(&socket)?, BoundBy::Broker),
        };
        let bound = Bound::new(socket, bound_by)?;
        let store = place.state.join("store.db");
        let opened = id(&store)?;
        let runtime = place.runtime.clone();
        let folder = runtime.parent().filter(|_| place.goes_with_log_in());
        let log_in = folder.map(LogInFolder::hold).transpose()?.map(Arc::new);
        let starting = single.ready();
        let address = Self { runtime, bound, single, store, opened, log_in, cleared, errands };
        address.close(starting);
        Ok((address, listener))
    }

    /// Closes the lock that starting brokers wait for. Nothing here depends on when that is done.
    fn close(&self, starting: Option<File>) {
        let (errands, runtime) = (self.errands.clone(), self.runtime.clone());
        tokio::spawn(async move {
            let _ = errands.ask(&runtime, PATIENCE, move || drop(starting)).await;
        });
    }

    /// Returns the socket, which is removed when the broker exits.
    pub(crate) fn bound(&self) -> Bound {
        self.bound.clone()
    }

    /// Recreates the address whenever it is gone, as long as the loop lives. It is checked when the kernel
    /// reports a change, and when `look` asks for it.
    pub(crate) async fn keep(
        mut self,
        look: Arc<Notify>,
        renewed: mpsc::Sender<Listener>,
        inbox: mpsc::Sender<Inbox>,
    ) {
        loop {
            // Check after the watch is set, so that nothing is missed in between.
            let gone = self.watch().await;
            let mut left = self.left().await;
            for _ in 0..LOOKS {
                if matches!(left, Left::All | Left::LoggedOut) {
                    break;
                }
                tokio::time::sleep(PAUSE / LOOKS).await;
                left = self.left().await;
            }
            let put_back = match left {
                Left::All => {
                    match gone {
                        Ok(gone) => tokio::select! {
                            _ = gone.readable() => {}
                            () = look.notified() => {}
                        },
                        Err(error) => {
                            tracing::debug!("watching {}: {error}", self.runtime.display());
                            look.notified().await;
                        }
                    }
                    continue;
                }
                Left::Lock | Left::Nothing if !self.has_store().await => {
                    self.cleared.store(true, Ordering::Relaxed);
                    Err(AddressError::Cleared { store: self.store.clone() })
                }
                Left::LoggedOut => Err(AddressError::LoggedOut),
                Left::Lock => self.listen_again().await,
                Left::Nothing => self.take_again().await,
            };
            match put_back {
                Ok(listener) => {
                    tracing::warn!("{} was removed and has been recreated", self.bound.socket.display());
                    let _ = renewed.send(listener).await;
                }
                Err(error) => {
                    tracing::error!(
                        "{} was removed and cannot be recreated: {error}; exiting, since no client can reach this broker",
                        self.bound.socket.display()
                    );
                    let reason = match error {
                        AddressError::LoggedOut => CancellationReason::LoggingOff,
                        AddressError::Folder(_)
                        | AddressError::Unanswered(_)
                        | AddressError::Listen { .. }
                        | AddressError::Taken
                        | AddressError::Cleared { .. } => CancellationReason::Terminating,
                    };
                    let _ = inbox.send(Inbox::StopSignal(reason)).await;
                    return;
                }
            }
        }
    }

    /// Checks the paths. A path that does not answer is not gone.
    async fn left(&self) -> Left {
        let (bound, lock, held) = (self.bound.clone(), Single::lock(&self.runtime), self.single.id());
        let has_lock = move || id(&lock).is_ok_and(|id| id == held);
        let log_in = self.log_in.clone();
        let logged_out = move || log_in.is_some_and(|folder| folder.is_gone());
        let look = move || (bound.is_there(), has_lock(), logged_out());
        match self.errands.ask(&self.bound.socket, PATIENCE, look).await {
            Ok((_, _, true)) => Left::LoggedOut,
            Ok((true, true, false)) | Err(_) => Left::All,
            Ok((false, true, false)) => Left::Lock,
            Ok((_, false, false)) => Left::Nothing,
        }
    }

    /// Returns whether the store is still where it was opened; yes, if it does not answer.
    async fn has_store(&self) -> bool {
        let (store, opened) = (self.store.clone(), self.opened);
        let look = move || id(&store).is_ok_and(|id| id == opened);
        self.errands.ask(&self.store, PATIENCE, look).await.unwrap_or(true)
    }

    /// Takes the lock that is at the path now. Waits for another process that is about to start a broker.
    async fn take_again(&mut self) -> Result<Listener, AddressError> {
        let (runtime, socket) = (self.runtime.clone(), self.bound.socket.clone());
        let take = move || Single::take(&runtime, &socket);
        let taken = self.errands.ask(&self.runtime, PATIENCE, take).await??;
        self.single = taken.ok_or(AddressError::Taken)?;
        let listener = self.listen_again().await;
        let starting = self.single.ready();
        self.close(starting);
        listener
    }

    async fn listen_again(&mut self) -> Result<Listener, AddressError> {
        let (socket, path) = (self.bound.socket.clone(), self.bound.socket.clone());
        let bind = move || bind(&path).and_then(|listener| Ok((listener, id(&path)?)));
        let bound = self.errands.ask(&socket, PATIENCE, bind).await?;
        let (listener, id) = bound.map_err(|source| AddressError::Listen { socket, source })?;
        self.bound.renew(id);
        Ok(listener)
    }

    /// Watches the folder of the socket.
    async fn watch(&self) -> io::Result<AsyncFd<OwnedFd>> {
        let folder = self.runtime.clone();
        let watch = move || {
            let watch = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
            inotify::add_watch(&watch, &folder, GOES | WatchFlags::ONLYDIR)?;
            Ok::<_, io::Error>(watch)
        };
        let watch = self.errands.ask(&self.runtime, PATIENCE, watch).await;
        descriptor::readable(watch.map_err(io::Error::other)??)
    }
}

fn id(path: &Path) -> io::Result<Id> {
    fs::symlink_metadata(path).map(|known| (known.dev(), known.ino()))
}
