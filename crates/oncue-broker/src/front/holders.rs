//! The processes that have connections, or had some recently: their accounts, and the places that they take.
//!
//! A process has a limited number of connections. When all places are taken, the process that has most
//! gives one up for a newcomer, so no process can keep all others out. A task server that the broker
//! started has a place in any case: no client can make activations fail.
//!
//! Clients come in at two entrances, the socket and the session bus, which share these.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use oncue_wire::limits;
use rustix::process::{Pid, Resource, getrlimit};
use tokio::sync::oneshot;

use super::PeerId;
use super::account::{Account, Shared};
use super::places::{NoPlace, Places};
use super::turns::ProcessId;
use crate::log::Sparingly;

/// All of them. The entrances lock it for short; the loop does not use it.
#[derive(Clone, Debug)]
pub(crate) struct Holders(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    places: Places,
    by_process: HashMap<ProcessId, Holder>,
    taken: usize,
    last: u64,
    shared: Shared,
    log: Sparingly,
}

/// A process that has connections, or had some recently.
#[derive(Debug)]
struct Holder {
    account: Account,
    /// Each is closed when its sender is dropped.
    connections: HashMap<PeerId, oneshot::Sender<()>>,
}

/// A place that was given to a connection.
#[derive(Debug)]
pub(super) struct Admitted {
    pub(super) id: PeerId,
    /// Is closed when the connection has to give up its place.
    pub(super) closed: oneshot::Receiver<()>,
}

impl Holders {
    pub(crate) fn new(shared: Shared) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            places: Places::within(getrlimit(Resource::Nofile).current),
            by_process: HashMap::new(),
            taken: 0,
            last: 0,
            shared,
            log: Sparingly::default(),
        })))
    }

    /// Returns the account of a process; a new one if it has had no connections recently.
    pub(super) fn account_of(&self, process: Pid) -> Account {
        let inner = self.inner();
        let known = inner.by_process.get(&number(process)).map(|holder| holder.account.clone());
        known.unwrap_or_else(|| Account::new(inner.shared.clone()))
    }

    /// Gives a connection of a process a place; if necessary, closes one of the process that has the most.
    pub(super) fn admit(&self, process: Pid, account: &Account) -> Result<Admitted, NoPlace> {
        let mut inner = self.inner();
        inner.make_room(process)?;
        Ok(inner.admit(number(process), account))
    }

    /// Takes the place of a connection back.
    pub(super) fn left(&self, process: Pid, id: PeerId) {
        self.inner().forget(number(process), id);
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn taken(&self) -> usize {
        self.inner().taken
    }

    #[cfg(test)]
    pub(super) fn last(&self) -> PeerId {
        PeerId(self.inner().last)
    }

    #[cfg(test)]
    pub(super) fn remembers(&self, process: Pid) -> bool {
        self.inner().by_process.contains_key(&number(process))
    }
}

impl Inner {
    fn make_room(&mut self, process: Pid) -> Result<(), NoPlace> {
        let pid = number(process);
        let has = self.by_process.get(&pid).map_or(0, |holder| holder.connections.len());
        if has >= limits::CONNECTIONS_PER_PROCESS {
            return Err(NoPlace::OfProcess { pid, has });
        }
        if self.taken < self.places.all {
            return Ok(());
        }
        if self.taken < self.places.all + self.places.servers && crate::launch::descends_from_this(process) {
            return Ok(());
        }
        let most = self.by_process.iter().max_by_key(|(_, holder)| holder.connections.len());
        if let Some((&greediest, holder)) = most.filter(|(_, holder)| holder.connections.len() > has + 1)
            && let Some(newest) = holder.connections.keys().max().copied()
        {
            self.log.warn(&format!(
                "all {} connections are in use: closing one of process {greediest}, which has the most",
                self.places.all
            ));
            // Its task ends, which closes the connection.
            self.forget(greediest, newest);
            return Ok(());
        }
        Err(NoPlace::OfAll(self.places.all))
    }

    fn admit(&mut self, pid: ProcessId, account: &Account) -> Admitted {
        self.last += 1;
        let id = PeerId(self.last);
        let (close, closed) = oneshot::channel();
        if !self.by_process.contains_key(&pid) {
            self.by_process.retain(|_, holder| !holder.connections.is_empty() || !holder.account.is_even());
        }
        let new = || Holder { account: account.clone(), connections: HashMap::new() };
        self.by_process.entry(pid).or_insert_with(new).connections.insert(id, close);
        self.taken += 1;
        Admitted { id, closed }
    }

    fn forget(&mut self, pid: ProcessId, id: PeerId) {
        let Some(holder) = self.by_process.get_mut(&pid) else { return };
        if holder.connections.remove(&id).is_some() {
            self.taken -= 1;
        }
        // Its account is kept; otherwise, a process could start afresh with each connection.
        if holder.connections.is_empty() && holder.account.is_even() {
            self.by_process.remove(&pid);
        }
    }
}

fn number(process: Pid) -> ProcessId {
    process.as_raw_nonzero().get()
}
