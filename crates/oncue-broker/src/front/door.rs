//! The door: who may connect, how often, and what happens when all places are taken.
//!
//! A process has a limited number of connections. When all places are taken, the process that has most
//! gives one up for a newcomer, so nobody can keep everybody else out. A task server that the broker
//! started has a place in any case: no client can make activations fail.

use std::collections::HashMap;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use oncue_wire::{Code, Refused, limits};
use rustix::process::{Resource, getrlimit};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};
use zbus::Guid;

use super::PeerId;
use super::account::{Account, Shared};
use super::connection::{self, ConnectionError, Visitor};
use super::turns::ProcessId;
use crate::caller::Process;
use crate::event_loop::Inbox;
use crate::log::Sparingly;

/// How many connections may be open just to be told that there is no place for them.
const REFUSALS: usize = 16;

/// How many descriptors the broker keeps for its own work: files, timers, buses, processes it starts.
const OWN_DESCRIPTORS: usize = 256;

/// A connection takes its socket and a descriptor of its process.
const DESCRIPTORS: usize = 2;

/// Makes the socket, in the place of one that a broker before has left.
pub(crate) fn listen(path: &Path) -> io::Result<UnixListener> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Accepts connections for as long as the loop lives, also at the listeners that come later.
pub(crate) async fn accept(
    mut listener: UnixListener,
    mut renewed: mpsc::Receiver<UnixListener>,
    inbox: mpsc::Sender<Inbox>,
    shared: Shared,
) {
    let (left, mut leaving) = mpsc::unbounded_channel();
    let places = Places::within(getrlimit(Resource::Nofile).current);
    let mut door = Door {
        places,
        holders: HashMap::new(),
        taken: 0,
        refusing: 0,
        next: 0,
        guid: Guid::generate().to_string(),
        inbox,
        shared,
        left,
        log: Sparingly::default(),
    };
    loop {
        tokio::select! {
            biased;
            Some(who) = leaving.recv() => door.left(who),
            Some(other) = renewed.recv() => listener = other,
            came = listener.accept() => match came {
                Ok((stream, _)) => {
                    door.came(stream);
                    // Who connects without end must not keep those who are connected from being heard.
                    tokio::task::yield_now().await;
                }
                Err(error) => {
                    // The system is short of descriptors, most likely: some will be given back.
                    door.log.warn(&format!("accepting a connection: {error}; retrying"));
                    // Whoever could not be heard because of that is not to blame for it.
                    let why = format!("accepting a connection: {error}");
                    let _ = door.inbox.try_send(Inbox::Short { server: None, why });
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
        }
    }
}

/// How many connections there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Places {
    /// Of whoever comes.
    all: usize,
    /// Further ones for task servers that the broker started.
    servers: usize,
}

impl Places {
    /// As many as the limit of open files allows.
    fn within(descriptors: Option<u64>) -> Self {
        let descriptors = descriptors.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        let affordable = descriptors.saturating_sub(OWN_DESCRIPTORS + REFUSALS * DESCRIPTORS) / DESCRIPTORS;
        let all = (affordable / 3 * 2).clamp(REFUSALS, limits::CONNECTIONS);
        Self { all, servers: all / 2 }
    }
}

/// A connection that has ended, or the refusal of one.
#[derive(Debug)]
enum Left {
    Visitor(ProcessId, PeerId),
    /// A connection that is about to end because its client does not read.
    Hung(ProcessId, ConnectionError),
    Refused,
}

/// A process with connections.
#[derive(Debug)]
struct Holder {
    account: Account,
    connections: HashMap<PeerId, oneshot::Sender<()>>,
}

struct Door {
    places: Places,
    holders: HashMap<ProcessId, Holder>,
    taken: usize,
    refusing: usize,
    next: u64,
    guid: String,
    inbox: mpsc::Sender<Inbox>,
    shared: Shared,
    left: mpsc::UnboundedSender<Left>,
    log: Sparingly,
}

impl Door {
    fn came(&mut self, stream: UnixStream) {
        let process = match Process::of(&stream) {
            Ok(process) => process,
            Err(error) => return self.log.warn(&format!("connection closed: {error}")),
        };
        match self.place_for(&process) {
            Ok(()) => self.admit(stream, process),
            Err(refused) => self.turn_away(stream, process.pid.as_raw_nonzero().get(), refused),
        }
    }

    /// Finds a place, if need be that of a process which has many.
    fn place_for(&mut self, process: &Process) -> Result<(), Refused> {
        let pid = process.pid.as_raw_nonzero().get();
        let has = self.holders.get(&pid).map_or(0, |holder| holder.connections.len());
        if has >= limits::CONNECTIONS_PER_PROCESS {
            let message = format!("process {pid} has {has} connections to the broker, which is the limit");
            return Err(Refused::new(Code::NotEnoughQuota, message, "close some, or share one"));
        }
        if self.taken < self.places.all {
            return Ok(());
        }
        if self.taken < self.places.all + self.places.servers
            && crate::launch::descends_from_this(process.pid)
        {
            return Ok(());
        }
        let most = self.holders.iter().max_by_key(|(_, holder)| holder.connections.len());
        if let Some((&greediest, holder)) = most.filter(|(_, holder)| holder.connections.len() > has + 1)
            && let Some(newest) = holder.connections.keys().max().copied()
        {
            self.log.warn(&format!(
                "all {} connections are in use: process {greediest}, which has the most, loses one",
                self.places.all
            ));
            // Its task ends, and with it the connection.
            self.forget(greediest, newest);
            return Ok(());
        }
        let message = format!("all {} connections to the broker are in use", self.places.all);
        Err(Refused::new(Code::NotEnoughQuota, message, "try again once some are closed"))
    }

    fn admit(&mut self, stream: UnixStream, process: Process) {
        self.next += 1;
        let id = PeerId(self.next);
        let pid = process.pid.as_raw_nonzero().get();
        let (close, closed) = oneshot::channel();
        let new = || Holder { account: Account::new(self.shared.clone()), connections: HashMap::new() };
        let holder = self.holders.entry(pid).or_insert_with(new);
        holder.connections.insert(id, close);
        self.taken += 1;
        let (left, inbox) = (self.left.clone(), self.inbox.clone());
        let visitor = Visitor { id, process, account: holder.account.clone(), guid: self.guid.clone() };
        tokio::spawn(async move {
            tokio::select! {
                served = connection::serve(visitor, stream, &inbox) => match served {
                    // The door warns of clients, and does so sparingly.
                    Err(error @ ConnectionError::Unread) => drop(left.send(Left::Hung(pid, error))),
                    Err(error) => tracing::debug!(peer = id.0, "connection closed: {error}"),
                    Ok(()) => {}
                },
                _ = closed => {}
            }
            // Whether the loop or the door is still there does not matter to a connection that ends.
            let _ = inbox.send(Inbox::Closed(id)).await;
            let _ = left.send(Left::Visitor(pid, id));
        });
    }

    /// Says why there is no place, as the answer to the first call.
    fn turn_away(&mut self, stream: UnixStream, pid: ProcessId, refused: Refused) {
        self.log.warn(&format!("{refused}; process {pid} was refused"));
        if self.refusing >= REFUSALS {
            return;
        }
        self.refusing += 1;
        let (left, guid) = (self.left.clone(), self.guid.clone());
        tokio::spawn(async move {
            if let Err(error) = connection::turn_away(stream, &guid, &refused).await {
                tracing::debug!("refusing a connection: {error}");
            }
            let _ = left.send(Left::Refused);
        });
    }

    fn left(&mut self, who: Left) {
        match who {
            Left::Visitor(pid, id) => self.forget(pid, id),
            Left::Hung(pid, error) => self.log.warn(&format!("{error} (process {pid})")),
            Left::Refused => self.refusing -= 1,
        }
    }

    fn forget(&mut self, pid: ProcessId, id: PeerId) {
        let Some(holder) = self.holders.get_mut(&pid) else { return };
        if holder.connections.remove(&id).is_some() {
            self.taken -= 1;
        }
        if holder.connections.is_empty() {
            self.holders.remove(&pid);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_leave_descriptors_for_the_brokers_own_work() {
        for descriptors in [1_024, 2_048, 4_096, 1 << 20] {
            let Places { all, servers } = Places::within(Some(descriptors));
            let used = (all + servers + REFUSALS) * DESCRIPTORS + OWN_DESCRIPTORS;
            assert!(used as u64 <= descriptors, "{descriptors}: {used}");
            assert!(servers >= 64, "{descriptors}: {servers}");
        }
        assert_eq!(Places::within(None), Places { all: 384, servers: 192 });
    }
}
