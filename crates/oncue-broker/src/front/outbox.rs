//! The messages waiting to be written to one connection.
//!
//! An answer is charged to its call. Signals and runs, which are not answers, are counted here: a
//! client that requests signals and does not read them is disconnected.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use oncue_wire::limits;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
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
    /// The charge of the call that it answers, released when it has been written.
    charge: Option<Charge>,
}

/// Counts the bytes of messages that are not answers.
#[derive(Clone, Debug, Default)]
pub(super) struct Sent {
    unread: Arc<AtomicUsize>,
}

/// Why a message could not be sent.
#[derive(Debug)]
pub(crate) enum Unsent {
    /// Too many messages are waiting for the client.
    Full,
    /// The connection has ended, and the loop is about to be notified.
    Gone,
}

impl<T> From<TrySendError<T>> for Unsent {
    fn from(error: TrySendError<T>) -> Self {
        match error {
            TrySendError::Full(_) => Self::Full,
            TrySendError::Closed(_) => Self::Gone,
        }
    }
}

impl Outbox {
    pub(super) fn new() -> (Self, mpsc::Receiver<Outgoing>, Sent) {
        let (to_send, receiver) = mpsc::channel(MESSAGES);
        let sent = Sent::default();
        (Self { to_send, sent: sent.clone() }, receiver, sent)
    }

    /// Sends an answer.
    pub(crate) fn answer(&self, message: Message, charge: Charge) -> Result<(), Unsent> {
        Ok(self.to_send.try_send(Outgoing { message, charge: Some(charge) })?)
    }

    /// Sends a message that is not an answer.
    pub(crate) fn tell(&self, message: Message) -> Result<(), Unsent> {
        let length = message.data().len();
        if self.sent.unread.fetch_add(length, Ordering::Relaxed) + length > limits::UNREAD {
            return Err(Unsent::Full);
        }
        Ok(self.to_send.try_send(Outgoing { message, charge: None })?)
    }

    /// Waits until all messages have been taken.
    pub(crate) async fn emptied(&self) {
        // All places are free when all messages have been taken.
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
