//! The door: who may connect to the socket, and how often.
//!
//! Connections are accepted by a thread of their own, so that a client which connects and disconnects
//! without end takes that thread's time and not the loop's. The loop serves those that were let in.

use std::convert::Infallible;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream as OsStream};
use std::path::Path;
use std::thread;
use std::time::Duration;

use oncue_core::Event;
use rustix::io::Errno;
use rustix::net::{SocketFlags, accept_with};
use rustix::process::{Pid, getpriority_process, setpriority_process};
use tokio::io::unix::{AsyncFd, AsyncFdReadyGuard};
use tokio::net::UnixStream;
use tokio::runtime::{self, Handle};
use tokio::sync::{mpsc, oneshot};
use zbus::Guid;

use super::PeerId;
use super::account::Account;
use super::connection::{self, ConnectionError, Visitor};
use super::holders::{Admitted, Holders};
use super::pace::CONNECTION;
use super::places::{NoPlace, REFUSALS};
use crate::caller::Process;
use crate::descriptor;
use crate::inbox::Inbox;
use crate::log::Sparingly;

/// How many connections are accepted before the door looks at those that have ended.
const AT_ONCE: usize = 64;

/// How much lower the priority of an entrance's thread is, so that it does not compete with the loop for the
/// processor: setpriority(2).
const NICER: i32 = 5;

/// How long the door rests once it has accepted everybody, if some came too fast. It rests with an empty
/// queue only: when the kernel's queue is full, connect(2) waits, or fails if it may not wait.
const REST: Duration = Duration::from_millis(1);

/// How long the door waits before it accepts again after an error.
const RETRY: Duration = Duration::from_millis(100);

/// How long a connection that comes too fast may have to wait. One that would wait longer is closed at
/// once, so that waiting connections do not take all places.
const WAITING: Duration = Duration::from_millis(160);

/// The socket that clients connect to.
pub(crate) type Listener = OwnedFd;

/// Makes the socket, in the place of one that a broker before has left.
pub(super) fn bind(path: &Path) -> io::Result<OwnedFd> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    listener.set_nonblocking(true)?;
    Ok(listener.into())
}

/// The door's thread.
#[derive(Debug)]
pub(crate) struct OpenDoor {
    close: oneshot::Sender<Infallible>,
    thread: thread::JoinHandle<io::Result<Listener>>,
}

impl OpenDoor {
    /// Opens the door. Connections are served by the runtime that this is called from.
    pub(crate) fn open(
        listener: Listener,
        renewed: mpsc::Receiver<Listener>,
        inbox: mpsc::Sender<Inbox>,
        holders: Holders,
    ) -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let door = Door::new(inbox, holders, Handle::current());
        let (close, closed) = oneshot::channel();
        let thread = thread::Builder::new().name("door".into()).spawn(move || {
            give_way();
            runtime.block_on(async {
                let mut listener = descriptor::readable(listener)?;
                tokio::select! {
                    ended = door.accept(&mut listener, renewed) => {
                        let Err(error) = ended;
                        tracing::error!("connections are no longer accepted: {error}");
                    }
                    Err(_) = closed => {}
                }
                Ok(listener.into_inner())
            })
        })?;
        Ok(Self { close, thread })
    }

    /// Closes the door: no connection is accepted any more when this returns. Clients can still connect, and
    /// wait, until the returned socket is closed.
    pub(crate) fn close(self) -> Option<Listener> {
        drop(self.close);
        // If it panicked, the panic is in the log, and no connection is accepted either.
        self.thread.join().ok()?.ok()
    }
}

/// Lowers the priority of this thread, which serves an entrance.
pub(super) fn give_way() {
    // Otherwise, the entrance is merely as fast as the loop.
    let _ = getpriority_process(None).and_then(|nice| setpriority_process(None, nice + NICER));
}

/// What has become of the kernel's queue of connections.
enum Queue {
    Empty,
    /// It may contain more.
    Waits,
}

/// A connection or refusal that has ended.
#[derive(Debug)]
enum Left {
    Visitor(Pid, PeerId),
    /// A connection that is about to end because its client does not read.
    Hung(Pid, ConnectionError),
    Refused,
}

struct Door {
    holders: Holders,
    refusing: usize,
    /// A process connects faster than it may, or belongs to another user.
    too_fast: bool,
    guid: String,
    inbox: mpsc::Sender<Inbox>,
    /// The runtime that serves connections.
    serving: Handle,
    left: mpsc::UnboundedSender<Left>,
    leaving: mpsc::UnboundedReceiver<Left>,
    log: Sparingly,
}

impl Door {
    fn new(inbox: mpsc::Sender<Inbox>, holders: Holders, serving: Handle) -> Self {
        let (left, leaving) = mpsc::unbounded_channel();
        Self {
            holders,
            refusing: 0,
            too_fast: false,
            guid: Guid::generate().to_string(),
            inbox,
            serving,
            left,
            leaving,
            log: Sparingly::default(),
        }
    }

    /// Accepts connections, including those of later listeners.
    async fn accept(
        mut self,
        listener: &mut AsyncFd<Listener>,
        mut renewed: mpsc::Receiver<Listener>,
    ) -> io::Result<Infallible> {
        loop {
            tokio::select! {
                biased;
                Some(who) = self.leaving.recv() => self.left(who),
                Some(other) = renewed.recv() => *listener = descriptor::readable(other)?,
                ready = listener.readable() => match ready.and_then(|mut ready| self.accept_some(&mut ready)) {
                    Ok(Queue::Empty) if self.take_too_fast() => tokio::time::sleep(REST).await,
                    Ok(Queue::Empty | Queue::Waits) => {}
                    Err(error) => {
                        self.cannot_accept(&error);
                        tokio::time::sleep(RETRY).await;
                    }
                },
            }
        }
    }

    /// Most likely, the system is short of descriptors; some will be released.
    fn cannot_accept(&mut self, error: &io::Error) {
        let why = format!("accepting a connection: {error}");
        self.log.warn(&format!("{why}; retrying"));
        // A server that could not connect because of this is not to blame.
        let _ = self.inbox.try_send(Event::Short { server: None, why }.into());
    }

    /// Accepts some of the waiting connections.
    fn accept_some(&mut self, ready: &mut AsyncFdReadyGuard<'_, OwnedFd>) -> io::Result<Queue> {
        for _ in 0..AT_ONCE {
            match accept_with(ready.get_inner(), SocketFlags::NONBLOCK | SocketFlags::CLOEXEC) {
                Ok(stream) => self.came(stream.into()),
                Err(Errno::AGAIN) => {
                    ready.clear_ready();
                    return Ok(Queue::Empty);
                }
                Err(Errno::INTR | Errno::CONNABORTED) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Queue::Waits)
    }

    fn came(&mut self, stream: OsStream) {
        match Process::id_of(&stream) {
            Ok(pid) => self.came_from(stream, pid),
            Err(error) => {
                self.too_fast = true;
                self.log.warn(&format!("connection closed: {error}"));
            }
        }
    }

    fn came_from(&mut self, stream: OsStream, process: Pid) {
        let account = self.holders.account_of(process);
        let wait = account.steps_within(CONNECTION, WAITING);
        self.too_fast |= wait != Some(Duration::ZERO);
        let Some(wait) = wait else { return };
        match self.holders.admit(process, &account) {
            Ok(admitted) => self.serve(stream, process, admitted, account, wait),
            // Clients that connect too fast are not told.
            Err(_) if !wait.is_zero() => {}
            Err(no_place) => self.turn_away(stream, process, account, no_place),
        }
    }

    /// Returns whether connections have come too fast since the last call.
    fn take_too_fast(&mut self) -> bool {
        std::mem::take(&mut self.too_fast)
    }

    fn serve(&mut self, stream: OsStream, pid: Pid, admitted: Admitted, account: Account, wait: Duration) {
        let Admitted { id, closed } = admitted;
        let (left, inbox) = (self.left.clone(), self.inbox.clone());
        let process = Process::hold(pid);
        let visitor = Visitor { id, process, account, guid: self.guid.clone(), wait };
        self.serving.spawn(async move {
            let served = async { connection::serve(visitor, UnixStream::from_std(stream)?, &inbox).await };
            tokio::select! {
                served = served => match served {
                    // Only the door warns about clients, because it limits the number of warnings.
                    Err(error @ ConnectionError::Unread) => drop(left.send(Left::Hung(pid, error))),
                    Err(error) => tracing::debug!(peer = id.0, "connection closed: {error}"),
                    Ok(()) => {}
                },
                _ = closed => {}
            }
            // A connection that ends does not care whether the loop or the door still exists.
            let _ = inbox.send(Inbox::Closed(id)).await;
            let _ = left.send(Left::Visitor(pid, id));
        });
    }

    /// Answers the first call with the reason for which there is no place.
    fn turn_away(&mut self, stream: OsStream, process: Pid, account: Account, no_place: NoPlace) {
        let refused = no_place.refused();
        self.log.warn(&format!("{refused}; process {} was refused", process.as_raw_nonzero()));
        if self.refusing >= REFUSALS {
            return;
        }
        self.refusing += 1;
        let (left, guid) = (self.left.clone(), self.guid.clone());
        self.serving.spawn(async move {
            let told = async {
                connection::turn_away(UnixStream::from_std(stream)?, &guid, account, &refused).await
            };
            if let Err(error) = told.await {
                tracing::debug!("refusing a connection: {error}");
            }
            let _ = left.send(Left::Refused);
        });
    }

    fn left(&mut self, who: Left) {
        match who {
            Left::Visitor(pid, id) => self.holders.left(pid, id),
            Left::Hung(pid, error) => self.log.warn(&format!("{error} (process {})", pid.as_raw_nonzero())),
            Left::Refused => self.refusing -= 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use oncue_wire::limits;

    use super::*;
    use crate::front::Shared;

    fn door() -> Door {
        let (inbox, _) = mpsc::channel(1);
        Door::new(inbox, Holders::new(Shared::default()), Handle::current())
    }

    #[test]
    fn a_process_that_reconnects_without_end_makes_the_door_rest() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut door = door();
            let own = rustix::process::getpid();
            let mut connections = 0;
            while !door.take_too_fast() {
                connections += 1;
                assert!(connections < limits::STEPS, "the door never rests");
                let (ours, _theirs) = OsStream::pair().unwrap();
                ours.set_nonblocking(true).unwrap();
                door.came(ours);
                let last = door.holders.last();
                door.left(Left::Visitor(own, last));
            }
            // So many are covered; on a slow machine, some more are.
            assert!(connections > limits::STEPS / CONNECTION, "{connections}");
            assert_eq!(door.holders.taken(), 0);
            assert!(door.holders.remembers(own), "what it has caused is forgotten");
        });
    }
}
