//! The clients on the bus, from their first call until they leave the bus.

use std::collections::HashMap;
use std::time::Duration;

use oncue_wire::{Code, Refused};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use zbus::Message;
use zbus::names::OwnedUniqueName;

use super::super::account::Account;
use super::super::holders::{Admitted, Holders};
use super::super::outbox::{Outbox, Outgoing};
use super::super::pace::CONNECTION;
use super::super::peers::{Ends, Peer, Via};
use super::super::questions::Call;
use super::super::turns::PeerId;
use super::credentials::Credentials;
use super::link::{Link, LinkError};
use crate::caller::Process;
use crate::inbox::Inbox;

/// How long a caller that was turned away is refused without asking the bus again who it is.
const TURNED_AWAY: Duration = Duration::from_secs(1);

/// How many callers that were turned away are remembered.
const REMEMBERED: usize = 256;

/// All of them.
#[derive(Debug)]
pub(super) struct Guests {
    here: HashMap<OwnedUniqueName, Guest>,
    /// Callers that got no place, with the time until which that counts.
    turned_away: HashMap<OwnedUniqueName, (Refused, Instant)>,
    credentials: Credentials,
    inbox: mpsc::Sender<Inbox>,
    holders: Holders,
}

/// A client on the bus.
#[derive(Debug)]
struct Guest {
    account: Account,
    /// Its calls, which are charged to its account. That limits how many can wait here.
    calls: mpsc::UnboundedSender<Call>,
}

impl Guests {
    pub(super) fn new(credentials: Credentials, inbox: mpsc::Sender<Inbox>, holders: Holders) -> Self {
        Self { here: HashMap::new(), turned_away: HashMap::new(), credentials, inbox, holders }
    }

    /// Passes a call on to the loop. The inner error refuses it.
    pub(super) async fn called(
        &mut self,
        client: &OwnedUniqueName,
        call: &Message,
        link: &mut Link,
    ) -> Result<Result<(), Refused>, LinkError> {
        if !self.here.contains_key(client) {
            match self.let_in(client, link).await {
                Ok(guest) => {
                    self.here.insert(client.clone(), guest);
                    link.follow(client).await?;
                }
                Err(refused) => return Ok(Err(refused)),
            }
        }
        Ok(self.pass_on(client, call))
    }

    fn pass_on(&mut self, client: &OwnedUniqueName, call: &Message) -> Result<(), Refused> {
        let Some(guest) = self.here.get(client) else { return Ok(()) };
        let charge = guest.account.room_now(call.data().len()).ok_or_else(|| {
            let message = format!("the process of {client} has too many unanswered calls");
            Refused::new(Code::NotEnoughQuota, message, "wait for answers, then call again")
        })?;
        guest.calls.send(Call { message: call.clone(), charge }).map_err(|_| {
            self.here.remove(client);
            let message = format!(
                "the broker has disconnected {client}: it did not read its messages, or its place was needed"
            );
            Refused::new(Code::NotEnoughQuota, message, "call again")
        })
    }

    /// Identifies a caller, and gives it a place.
    async fn let_in(&mut self, client: &OwnedUniqueName, link: &Link) -> Result<Guest, Refused> {
        if let Some((refused, until)) = self.turned_away.get(client)
            && *until > Instant::now()
        {
            return Err(refused.clone());
        }
        let process = self.credentials.process_of(client).await.map_err(|why| {
            tracing::debug!("{why}");
            Refused::new(Code::AccessDenied, why.to_string(), "use the broker's socket")
        });
        let admitted = process.and_then(|process| {
            let account = self.holders.account_of(process.pid);
            let admitted = self.place_for(&process, &account)?;
            Ok((process, account, admitted))
        });
        let (process, account, admitted) = match admitted {
            Ok(admitted) => admitted,
            Err(refused) => {
                self.turn_away(client, &refused);
                return Err(refused);
            }
        };
        self.turned_away.remove(client);
        let (calls, received) = mpsc::unbounded_channel();
        let (outbox, to_send) = Outbox::new();
        let (peer, ends) = Peer::new(process, account.clone(), outbox, Via::Bus(client.clone()));
        let channels = Channels { calls: received, to_send, bus: link.to_send() };
        tokio::spawn(serve(peer, ends, admitted, channels, self.inbox.clone(), self.holders.clone()));
        Ok(Guest { account, calls })
    }

    fn place_for(&self, process: &Process, account: &Account) -> Result<Admitted, Refused> {
        if account.steps_within(CONNECTION, Duration::ZERO).is_none() {
            let message = format!("process {} connects too fast", process.pid.as_raw_nonzero());
            return Err(Refused::new(Code::NotEnoughQuota, message, "keep one connection to the bus"));
        }
        self.holders.admit(process.pid, account).map_err(|no_place| no_place.refused())
    }

    fn turn_away(&mut self, client: &OwnedUniqueName, refused: &Refused) {
        if self.turned_away.len() >= REMEMBERED {
            self.turned_away.clear();
        }
        self.turned_away.insert(client.clone(), (refused.clone(), Instant::now() + TURNED_AWAY));
    }

    /// Forgets a client that has left the bus; returns whether there was one. Its earlier calls are still
    /// handled.
    pub(super) fn left(&mut self, client: &OwnedUniqueName) -> bool {
        self.here.remove(client).is_some()
    }
}

/// The connection between a client and the bus.
struct Channels {
    calls: mpsc::UnboundedReceiver<Call>,
    to_send: mpsc::Receiver<Outgoing>,
    bus: mpsc::Sender<Outgoing>,
}

/// Passes calls to the loop and messages to the bus, until the client leaves or is disconnected.
async fn serve(
    peer: Peer,
    ends: Ends,
    Admitted { id, closed }: Admitted,
    channels: Channels,
    inbox: mpsc::Sender<Inbox>,
    holders: Holders,
) {
    let (Ends { may_speak, let_go }, process) = (ends, peer.process().pid);
    let Channels { calls, to_send, bus } = channels;
    if inbox.send(Inbox::Connected(id, peer)).await.is_ok() {
        tokio::select! {
            () = pass_calls(id, calls, may_speak, &inbox) => {}
            () = pass_messages(to_send, &bus) => {}
            // A place that is needed, or messages that nobody reads.
            _ = closed => {}
            Err(_) = let_go => {}
        }
        let _ = inbox.send(Inbox::Closed(id)).await;
    }
    holders.left(process, id);
}

async fn pass_calls(
    id: PeerId,
    mut calls: mpsc::UnboundedReceiver<Call>,
    may_speak: oneshot::Receiver<()>,
    inbox: &mpsc::Sender<Inbox>,
) {
    // The loop has to find the client's package first.
    let _ = may_speak.await;
    while let Some(call) = calls.recv().await {
        if inbox.send(Inbox::Received(id, call)).await.is_err() {
            return;
        }
    }
}

async fn pass_messages(mut to_send: mpsc::Receiver<Outgoing>, bus: &mpsc::Sender<Outgoing>) {
    while let Some(out) = to_send.recv().await {
        if bus.send(out).await.is_err() {
            return;
        }
    }
}
