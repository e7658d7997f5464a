//! One connection: passes messages to the loop, and writes messages from its outbox, independently
//! of each other.

use std::io::{self, IoSlice};
use std::time::Duration;

use oncue_wire::{Code, Refused, limits};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};
use zbus::Message;

use super::PeerId;
use super::account::Account;
use super::framing::{Framing, FramingError};
use super::hear::error_to;
use super::introduce::introduce;
use super::outbox::{Outbox, Outgoing};
use super::peers::{Ends, Peer, Via};
use super::questions::Call;
use crate::caller::Process;
use crate::inbox::Inbox;

/// How long the handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How long a message may take from its first byte to its last.
const WHOLE: Duration = Duration::from_secs(30);

/// How long a client may wait before it reads any part of a long answer.
const UNREAD: Duration = Duration::from_secs(10);

/// How many calls are read from one connection before others have a turn.
const AT_ONCE: usize = 8;

/// A client that has connected.
#[derive(Debug)]
pub(super) struct Visitor {
    pub(super) id: PeerId,
    pub(super) process: Process,
    pub(super) account: Account,
    pub(super) guid: String,
    /// How long it has to wait before it is served.
    pub(super) wait: Duration,
}

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectionError {
    #[error(transparent)]
    Framing(#[from] FramingError),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("the client was disconnected")]
    Disconnected,
    #[error("no handshake within {} s", HANDSHAKE.as_secs())]
    NoIntroduction,
    #[error("a message was not complete after {} s", WHOLE.as_secs())]
    Incomplete,
    #[error("a client does not read its messages; disconnected after {} s", UNREAD.as_secs())]
    Unread,
}

/// Serves a client until either end closes the connection.
pub(super) async fn serve(
    visitor: Visitor,
    mut stream: UnixStream,
    inbox: &mpsc::Sender<Inbox>,
) -> Result<(), ConnectionError> {
    let Visitor { id, process, account, guid, wait } = visitor;
    if !wait.is_zero() {
        sleep(wait).await;
    }
    let introduced = timeout(HANDSHAKE, introduce(&mut stream, &guid, &account)).await;
    let arrived = introduced.map_err(|_| ConnectionError::NoIntroduction)??;
    let (from, to) = stream.into_split();
    let (outbox, to_send) = Outbox::new();
    let refusals = outbox.clone();
    let (peer, Ends { may_speak, let_go }) = Peer::new(process, account.clone(), outbox, Via::Socket);
    if inbox.send(Inbox::Connected(id, peer)).await.is_err() {
        return Ok(());
    }
    let framing = Framing::new(from, arrived, Some(account.clone()));
    let mut reader = Reader { id, framing, account, refusals };
    tokio::select! {
        read = reader.read_all(may_speak, inbox) => read,
        written = write_all(to, to_send) => written,
        // Messages still to be written are dropped, because nobody reads them.
        Err(_) = let_go => Err(ConnectionError::Disconnected),
    }
}

/// Lets a client make one call, and refuses it.
pub(super) async fn turn_away(
    mut stream: UnixStream,
    guid: &str,
    account: Account,
    refused: &Refused,
) -> Result<(), ConnectionError> {
    let talk = async {
        let arrived = introduce(&mut stream, guid, &account).await?;
        let mut framing = Framing::new(&mut stream, arrived, Some(account));
        let Some(announced) = framing.next().await? else { return Ok(()) };
        let call = framing.header(announced).await?;
        if let Some(answer) = error_to(&call, refused) {
            stream.write_all(answer.data()).await?;
        }
        Ok(())
    };
    timeout(HANDSHAKE, talk).await.map_err(|_| ConnectionError::NoIntroduction)?
}

struct Reader<R> {
    id: PeerId,
    framing: Framing<R>,
    account: Account,
    refusals: Outbox,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    async fn read_all(
        &mut self,
        may_speak: oneshot::Receiver<()>,
        inbox: &mpsc::Sender<Inbox>,
    ) -> Result<(), ConnectionError> {
        // Until the client has been identified, nothing is read, so waiting for that needs no
        // memory.
        let _ = may_speak.await;
        let mut read = 0;
        while let Some(announced) = self.framing.next().await? {
            if announced.is_too_long() {
                let call = self.whole(async |framing| framing.header(announced).await).await?;
                self.refuse(&call, announced.length).await?;
                self.whole(async |framing| framing.skip(announced).await).await?;
                continue;
            }
            // Nothing more is read from a client without room, which makes it wait.
            let Ok(charge) = self.account.room_for(announced.length).await else { break };
            let message = self.whole(async |framing| framing.take(announced).await).await?;
            if inbox.send(Inbox::Received(self.id, Call { message, charge })).await.is_err() {
                break;
            }
            read += 1;
            if read % AT_ONCE == 0 {
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    async fn whole<T>(
        &mut self,
        read: impl AsyncFnOnce(&mut Framing<R>) -> Result<T, FramingError>,
    ) -> Result<T, ConnectionError> {
        let read = timeout(WHOLE, read(&mut self.framing)).await;
        Ok(read.map_err(|_| ConnectionError::Incomplete)??)
    }

    async fn refuse(&mut self, call: &Message, length: usize) -> Result<(), ConnectionError> {
        let Ok(charge) = self.account.room_for(call.data().len()).await else { return Ok(()) };
        match error_to(call, &too_long(length)) {
            None => Ok(()),
            Some(answer) => self.refusals.answer(answer, charge).map_err(|_| ConnectionError::Disconnected),
        }
    }
}

/// Refuses a message that is longer than a client may send.
pub(super) fn too_long(length: usize) -> Refused {
    let message = format!("the message is too long: {length} bytes (limit: {})", limits::MESSAGE);
    Refused::new(Code::NotEnoughQuota, message, "send less data at once")
}

/// Writes messages until nobody can send any more.
pub(super) async fn write_all(
    mut to: impl AsyncWrite + Unpin,
    mut to_send: mpsc::Receiver<Outgoing>,
) -> Result<(), ConnectionError> {
    /// How many messages are written at once.
    const TOGETHER: usize = 64;

    let mut ready = Vec::with_capacity(TOGETHER);
    while to_send.recv_many(&mut ready, TOGETHER).await > 0 {
        let mut slices: Vec<IoSlice<'_>> = ready.iter().map(|out| IoSlice::new(out.bytes())).collect();
        let mut left = &mut slices[..];
        while !left.is_empty() {
            let write = to.write_vectored(left);
            let count = if ready.iter().any(Outgoing::is_long) {
                timeout(UNREAD, write).await.map_err(|_| ConnectionError::Unread)??
            } else {
                write.await?
            };
            if count == 0 {
                return Err(io::Error::from(io::ErrorKind::WriteZero).into());
            }
            IoSlice::advance_slices(&mut left, count);
        }
        drop(slices);
        ready.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tokio::task::yield_now;

    use super::*;
    use crate::front::Shared;

    fn received(inbox: &mut mpsc::Receiver<Inbox>) -> Vec<Call> {
        let happened = std::iter::from_fn(|| inbox.try_recv().ok());
        let calls = happened.filter_map(|happened| match happened {
            Inbox::Received(_, call) => Some(call),
            _ => None,
        });
        calls.collect()
    }

    #[test]
    fn a_connection_with_many_calls_lets_others_have_their_turn_in_between() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (ours, mut theirs) = UnixStream::pair().unwrap();
            let (inbox, mut happened) = mpsc::channel(1_024);
            let process = Process::hold(rustix::process::getpid());
            let account = Account::new(Shared::default());
            let guid = "cafe".to_owned();
            let visitor = Visitor { id: PeerId(1), process, account, guid, wait: Duration::ZERO };
            tokio::spawn(async move { serve(visitor, ours, &inbox).await });
            theirs.write_all(b"\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n").await.unwrap();
            let call = Message::method_call("/org/oncue/Broker1", "About").build(&()).unwrap();
            theirs.write_all(&call.data().repeat(100)).await.unwrap();
            let Some(Inbox::Connected(_, mut peer)) = happened.recv().await else { panic!("no connection") };
            peer.let_speak();
            let mut calls = 0;
            while calls < 100 {
                yield_now().await;
                // Its task may run twice meanwhile.
                let some = received(&mut happened).len();
                assert!(some <= 2 * AT_ONCE, "{some}");
                calls += some;
            }
        });
    }
}
