//! What waits to be written to one connection.
//!
//! An answer is charged to the call that it answers. What the broker says unasked, signals and runs, is
//! counted here: a client that asks for signals and does not read them is disconnected.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use oncue_wire::limits;
use tokio::sync::mpsc;
use zbus::Message;

use super::account::Charge;

/// How many messages may wait for a client that reads slowly.
const MESSAGES: usize = 4_096;

/// The loop's end.
#[derive(Clone, Debug)]
pub(crate) struct Outbox {
    to_send: mpsc::Sender<Outgoing>,
    sent: Sent,
}

/// One message on its way out.
#[derive(Debug)]
pub(super) struct Outgoing {
    message: Message,
    /// What the call that it answers was charged; given back when it has been written.
    charge: Option<Charge>,
}

/// Counts the bytes of what was not asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Sent {
    unread: Arc<AtomicUsize>,
}

/// The client lets too much wait.
#[derive(Debug)]
pub(crate) struct Full;

impl Outbox {
    pub(super) fn new() -> (Self, mpsc::Receiver<Outgoing>, Sent) {
        let (to_send, receiver) = mpsc::channel(MESSAGES);
        let sent = Sent::default();
        (Self { to_send, sent: sent.clone() }, receiver, sent)
    }

    /// Sends an answer.
    pub(crate) fn answer(&self, message: Message, charge: Charge) -> Result<(), Full> {
        self.to_send.try_send(Outgoing { message, charge: Some(charge) }).map_err(|_| Full)
    }

    /// Sends what was not asked for.
    pub(crate) fn tell(&self, message: Message) -> Result<(), Full> {
        let length = message.data().len();
        if self.sent.unread.fetch_add(length, Ordering::Relaxed) + length > limits::UNREAD {
            return Err(Full);
        }
        self.to_send.try_send(Outgoing { message, charge: None }).map_err(|_| Full)
    }

    /// Waits until everything has been taken out.
    pub(crate) async fn emptied(&self) {
        // All places are free again once everything has been taken out.
        let _ = self.to_send.reserve_many(self.to_send.max_capacity()).await;
    }
}

impl Outgoing {
    pub(super) fn bytes(&self) -> &[u8] {
        self.message.data()
    }

    pub(super) fn is_long(&self) -> bool {
        self.charge.as_ref().is_some_and(Charge::is_long)
    }
}

impl Sent {
    pub(super) fn take_note(&self, out: &Outgoing) {
        if out.charge.is_none() {
            self.unread.fetch_sub(out.bytes().len(), Ordering::Relaxed);
        }
    }
}
