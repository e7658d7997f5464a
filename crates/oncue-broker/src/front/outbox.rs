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
    /// How many bytes wait that are not answers.
    unread: Arc<AtomicUsize>,
}

/// One message on its way out. It is dropped when it has been written.
#[derive(Debug)]
pub(super) struct Outgoing {
    message: Message,
    held: Held,
}

/// The resources that a message holds until it has been written.
#[derive(Debug)]
enum Held {
    /// The charge of the call that it answers.
    Call(Charge),
    /// Room among the messages that are not answers.
    Room {
        /// Released with the message.
        _room: Room,
    },
}

/// Counts one message among those that are not answers.
#[derive(Debug)]
struct Room {
    unread: Arc<AtomicUsize>,
    length: usize,
}

impl Drop for Room {
    fn drop(&mut self) {
        self.unread.fetch_sub(self.length, Ordering::Relaxed);
    }
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
    pub(super) fn new() -> (Self, mpsc::Receiver<Outgoing>) {
        let (to_send, receiver) = mpsc::channel(MESSAGES);
        (Self { to_send, unread: Arc::default() }, receiver)
    }

    /// Sends an answer.
    pub(crate) fn answer(&self, message: Message, charge: Charge) -> Result<(), Unsent> {
        Ok(self.to_send.try_send(Outgoing::answer(message, charge))?)
    }

    /// Sends a message that is not an answer.
    pub(crate) fn tell(&self, message: Message) -> Result<(), Unsent> {
        let length = message.data().len();
        let waiting = self.unread.fetch_add(length, Ordering::Relaxed);
        let held = Held::Room { _room: Room { unread: self.unread.clone(), length } };
        if waiting + length > limits::UNREAD {
            return Err(Unsent::Full);
        }
        Ok(self.to_send.try_send(Outgoing { message, held })?)
    }

    /// Waits until all messages have been taken.
    pub(crate) async fn emptied(&self) {
        // All places are free when all messages have been taken.
        let _ = self.to_send.reserve_many(self.to_send.max_capacity()).await;
    }
}

impl Outgoing {
    /// The answer to a call, or a message that is charged to nobody.
    pub(super) fn answer(message: Message, charge: Charge) -> Self {
        Self { message, held: Held::Call(charge) }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.message.data()
    }

    pub(super) fn is_long(&self) -> bool {
        match &self.held {
            Held::Call(charge) => charge.is_long(),
            Held::Room { .. } => false,
        }
    }
}
