//! The connections, as the loop knows them: who is at the other end, and how a message gets there.

use std::collections::HashMap;
use std::convert::Infallible;

use oncue_core::{FamilyName, InstanceId, ServerId};
use oncue_wire::{Caller, Member, Refused, Watched, say};
use tokio::sync::oneshot;
use zbus::Message;
use zbus::names::OwnedUniqueName;

use super::account::Account;
use super::identify::{self, Known};
use super::outbox::{Outbox, Unsent};
use super::questions::{Call, Reply};
use super::turns::{PeerId, ProcessId};
use crate::caller::Process;
use crate::log::Sparingly;

/// How a client is connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    /// Over a connection of its own to the broker's socket.
    Socket,
    /// Over the session bus, where it has this name.
    Bus(OwnedUniqueName),
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Peer {
    /// The process at the other end.
    process: Process,
    /// The account of this process.
    account: Account,
    via: Via,
    /// Messages to be sent.
    outbox: Outbox,
    /// The caller, identified when first needed.
    caller: Option<Caller>,
    /// Permits the client to send calls, once it has been identified.
    speak: Option<oneshot::Sender<()>>,
    /// Why the package beside its program was not added.
    refused: Option<Refused>,
    /// Its task server, once it has presented a token or registered a class.
    server: Option<ServerId>,
    /// Whose tasks it watches.
    watching: Option<Watched>,
    /// Whether it has sent a message about another server's run, which has been logged.
    meddles: bool,
    /// Whether the other end is closed; its earlier messages may still wait for their turn.
    gone: bool,
    /// Closes the connection when it is dropped.
    _open: oneshot::Sender<Infallible>,
}

/// The connection's own ends of the channels to its [`Peer`].
pub(super) struct Ends {
    /// Receives the permission to send calls.
    pub(super) may_speak: oneshot::Receiver<()>,
    /// Is closed when the client is to be disconnected.
    pub(super) let_go: oneshot::Receiver<Infallible>,
}

impl Peer {
    pub(super) fn new(process: Process, account: Account, outbox: Outbox, via: Via) -> (Self, Ends) {
        let (_open, let_go) = oneshot::channel();
        let (speak, may_speak) = oneshot::channel();
        let peer = Self {
            process,
            account,
            via,
            outbox,
            caller: None,
            speak: Some(speak),
            refused: None,
            server: None,
            watching: None,
            meddles: false,
            gone: false,
            _open,
        };
        (peer, Ends { may_speak, let_go })
    }

    pub(super) fn process(&self) -> &Process {
        &self.process
    }

    pub(super) fn let_speak(&mut self) {
        if let Some(speak) = self.speak.take() {
            // The connection may already have closed.
            let _ = speak.send(());
        }
    }

    fn pid(&self) -> ProcessId {
        self.process.pid.as_raw_nonzero().get()
    }
}

/// What becomes of a call that has its turn.
pub(super) enum Admission {
    /// It is handled.
    Admitted(Call),
    /// It waits until there is room for another long answer.
    NoRoom(Call),
    /// It is dropped, because nobody would read its answer.
    Dropped,
}

/// All connections.
#[derive(Debug, Default)]
pub(super) struct Peers {
    by_id: HashMap<PeerId, Peer>,
    /// The connection of each task server.
    servers: HashMap<ServerId, PeerId>,
    /// Warnings that clients can cause.
    warnings: Sparingly,
}

impl Peers {
    pub(super) fn insert(&mut self, id: PeerId, peer: Peer) {
        self.by_id.insert(id, peer);
    }

    /// Removes a connection; returns the task server that was reached through it.
    pub(super) fn remove(&mut self, id: PeerId) -> Option<ServerId> {
        self.by_id.remove(&id);
        let (server, _) = self.servers.iter().find(|(_, peer)| **peer == id)?;
        let server = *server;
        self.servers.remove(&server);
        Some(server)
    }

    /// Removes all connections; returns the messages still to be sent, with what keeps each connection open.
    pub(super) fn remove_all(&mut self) -> Vec<Peer> {
        self.by_id.drain().map(|(_, peer)| peer).collect()
    }

    pub(super) fn any(&self) -> bool {
        !self.by_id.is_empty()
    }

    pub(super) fn has(&self, id: PeerId) -> bool {
        self.by_id.contains_key(&id)
    }

    /// Returns how a client is connected.
    pub(super) fn via(&self, id: PeerId) -> Option<&Via> {
        self.by_id.get(&id).map(|peer| &peer.via)
    }

    /// Records that the other end has closed.
    pub(super) fn other_end_closed(&mut self, id: PeerId) {
        if let Some(peer) = self.by_id.get_mut(&id) {
            peer.gone = true;
        }
    }

    /// Returns whether nobody reads what is sent to a connection.
    pub(super) fn is_gone(&self, id: PeerId) -> bool {
        self.by_id.get(&id).is_none_or(|peer| peer.gone)
    }

    /// Decides whether a call can be handled now; a long answer needs a place of its own.
    pub(super) fn admit(&self, id: PeerId, mut call: Call, at_length: bool) -> Admission {
        // Messages of a client that was disconnected may still be in the queue.
        let Some(peer) = self.by_id.get(&id) else { return Admission::Dropped };
        if !at_length {
            return Admission::Admitted(call);
        }
        if peer.gone {
            return Admission::Dropped;
        }
        if peer.account.reserve_answer(&mut call.charge) {
            Admission::Admitted(call)
        } else {
            Admission::NoRoom(call)
        }
    }

    /// Permits a connection to send calls.
    pub(super) fn let_speak(&mut self, id: PeerId) {
        if let Some(peer) = self.by_id.get_mut(&id) {
            peer.let_speak();
        }
    }

    /// Records why the package beside a client's program was not added.
    pub(super) fn package_refused(&mut self, id: PeerId, refused: Option<Refused>) {
        if let Some(peer) = self.by_id.get_mut(&id) {
            peer.refused = refused;
        }
    }

    /// Identifies a caller, once per connection and again when packages have been added or removed.
    pub(super) fn caller(&mut self, id: PeerId, known: Known<'_>) -> Caller {
        let Some(peer) = self.by_id.get_mut(&id) else { return identify::gone("") };
        let identify = || identify::identify(&peer.process, peer.server, peer.refused.as_ref(), known);
        peer.caller.get_or_insert_with(identify).clone()
    }

    /// Has all callers identified again: those without a package may now have one, and vice versa.
    pub(super) fn forget_callers(&mut self) {
        self.by_id.values_mut().for_each(|peer| peer.caller = None);
    }

    /// Binds a connection to a task server.
    pub(super) fn bind(&mut self, id: PeerId, server: ServerId) {
        self.servers.insert(server, id);
        if let Some(peer) = self.by_id.get_mut(&id) {
            peer.server = Some(server);
        }
    }

    /// Returns the task server of a connection. One that the broker did not start joins.
    pub(super) fn server_of(&mut self, id: PeerId) -> ServerId {
        let known = self.by_id.get(&id).and_then(|peer| peer.server);
        known.unwrap_or_else(|| {
            let server = ServerId::Joined(id.0);
            self.bind(id, server);
            server
        })
    }

    /// Returns whether a task server has a connection.
    pub(super) fn reach(&self, server: ServerId) -> bool {
        self.servers.contains_key(&server)
    }

    /// Returns the process of a task server that has a connection.
    pub(super) fn process_of(&self, server: ServerId) -> Option<&Process> {
        self.servers.get(&server).and_then(|id| self.by_id.get(id)).map(Peer::process)
    }

    /// Logs once for each connection that its task server named another server's run. The core ignores it.
    pub(super) fn meddles(&mut self, id: PeerId, server: ServerId, instance: InstanceId, owner: ServerId) {
        let Some(peer) = self.by_id.get_mut(&id).filter(|peer| !peer.meddles) else { return };
        peer.meddles = true;
        let pid = peer.pid();
        self.warnings.warn(&format!(
            "a task server named another server's run {instance}; ignored (process {pid}, {server:?}; owner {owner:?})"
        ));
    }

    /// Starts to send signals to a connection.
    pub(super) fn watch(&mut self, id: PeerId, whose: Watched) {
        if let Some(peer) = self.by_id.get_mut(&id) {
            peer.watching = Some(whose);
        }
    }

    /// Returns the connections that watch the tasks of a package.
    pub(super) fn watching(&self, package: &FamilyName) -> Vec<PeerId> {
        let watches = |peer: &Peer| match (&peer.watching, &peer.caller) {
            (None, _) | (Some(Watched::Own), None) => false,
            (Some(Watched::All), _) => true,
            (Some(Watched::Own), Some(caller)) => caller.may_steer(package),
        };
        self.by_id.iter().filter(|(_, peer)| watches(peer)).map(|(id, _)| *id).collect()
    }

    /// Sends an answer.
    pub(super) fn reply(&mut self, Reply { peer: id, message, charge }: Reply) {
        let Some(peer) = self.by_id.get(&id) else { return };
        if let Err(unsent) = peer.outbox.answer(message, charge) {
            self.unsent(id, &unsent);
        }
    }

    /// Sends a task server a call that needs no answer.
    pub(super) fn tell<M: Member>(&mut self, server: ServerId, order: &M) {
        let Some(peer) = self.servers.get(&server).copied() else { return };
        match say::to_server(order) {
            Ok(message) => self.send(peer, message),
            Err(error) => tracing::error!("writing {}: {error}; not sent", M::NAME),
        }
    }

    /// Sends a message that is not an answer: a signal, or a call to a task server.
    pub(super) fn send(&mut self, id: PeerId, message: Message) {
        let Some(peer) = self.by_id.get(&id) else { return };
        if let Err(unsent) = peer.outbox.tell(message) {
            self.unsent(id, &unsent);
        }
    }

    /// Disconnects a client that lets too many messages wait. A connection that has closed is removed when
    /// its end is reported.
    fn unsent(&mut self, id: PeerId, unsent: &Unsent) {
        if matches!(unsent, Unsent::Full)
            && let Some(peer) = self.by_id.remove(&id)
        {
            let pid = peer.pid();
            self.warnings.warn(&format!("a client does not read its messages; disconnected (process {pid})"));
        }
    }
}

impl Peer {
    /// Waits until all messages have been taken from the outbox.
    pub(super) async fn outbox_emptied(&self) {
        self.outbox.emptied().await;
    }
}
