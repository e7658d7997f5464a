//! One connection: messages in to the loop, messages out of its outbox, each at its own pace.

use std::convert::Infallible;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use futures_util::StreamExt as _;
use oncue_core::ServerId;
use oncue_wire::{Caller, Refused, Watched};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc, oneshot};
use zbus::{Guid, Message, MessageStream};

use crate::caller::Process;
use crate::event_loop::Inbox;

/// Numbers a connection; never given to another while the broker lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PeerId(pub(crate) u64);

/// How many connections there may be at a time; more wait to be accepted.
const MAX_PEERS: usize = 1_000;

/// How many messages may wait for a client that reads slowly; one that lets more come is cut off.
const OUTBOX: usize = 4_096;

/// How many messages are written in one go.
const AT_ONCE: usize = 64;

/// How long a client may take to introduce itself.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// One connection as the loop sees it.
#[derive(Debug)]
pub(crate) struct Peer {
    /// The process at the other end.
    pub(crate) process: Process,
    /// Messages to it.
    pub(crate) outbox: mpsc::Sender<Message>,
    /// Who it is; asked for when it first matters.
    pub(crate) caller: Option<Caller>,
    /// Lets it be heard, once it is known who it is.
    pub(crate) speak: Option<oneshot::Sender<()>>,
    /// Why the package beside its program was not taken up.
    pub(crate) refused: Option<Refused>,
    /// The task server that it is, once it has shown a token or offered a class.
    pub(crate) server: Option<ServerId>,
    /// What it wants to be told.
    pub(crate) watching: Option<Watched>,
    /// It has spoken of a run that is another server's, and the log says so.
    pub(crate) meddles: bool,
    /// Closes the connection when the loop lets go of it.
    pub(crate) _open: oneshot::Sender<Infallible>,
}

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

/// Accepts connections for as long as the loop lives.
pub(crate) async fn accept(listener: UnixListener, inbox: mpsc::Sender<Inbox>) {
    let room = std::sync::Arc::new(Semaphore::new(MAX_PEERS));
    let guid = Guid::generate();
    let mut next = 0;
    loop {
        let Ok(place) = room.clone().acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                next += 1;
                let (inbox, guid) = (inbox.clone(), guid.clone());
                let id = PeerId(next);
                tokio::spawn(async move {
                    if let Err(error) = serve(id, stream, guid.into(), &inbox).await {
                        tracing::debug!(peer = id.0, "connection: {error}; closed");
                    }
                    let _ = inbox.send(Inbox::Closed(id)).await;
                    drop(place);
                });
            }
            Err(error) => {
                // Out of descriptors, most likely: some will be given back.
                tracing::warn!("accepting a connection: {error}; trying again");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
enum ConnectionError {
    #[error(transparent)]
    Stranger(#[from] crate::caller::StrangerError),
    #[error(transparent)]
    Bus(#[from] zbus::Error),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("the client was cut off")]
    CutOff,
    #[error("no introduction within {} s", HANDSHAKE.as_secs())]
    TooSlow(#[from] tokio::time::error::Elapsed),
}

async fn serve(
    id: PeerId,
    stream: UnixStream,
    guid: zbus::OwnedGuid,
    inbox: &mpsc::Sender<Inbox>,
) -> Result<(), ConnectionError> {
    let process = Process::of(&stream)?;
    let builder = zbus::connection::Builder::unix_stream(stream.into_std()?).server(guid).p2p();
    let mut received = tokio::time::timeout(HANDSHAKE, builder.build_message_stream()).await??;
    let (outbox, to_send) = mpsc::channel(OUTBOX);
    let (_open, let_go) = oneshot::channel();
    let (speak, may_speak) = oneshot::channel();
    let peer = Peer {
        process,
        outbox,
        caller: None,
        speak: Some(speak),
        refused: None,
        server: None,
        watching: None,
        meddles: false,
        _open,
    };
    if inbox.send(Inbox::Connected(id, peer)).await.is_err() {
        return Ok(());
    }
    let connection = zbus::Connection::from(&received);
    tokio::select! {
        read = read(id, &mut received, may_speak, inbox) => read,
        written = write(&connection, to_send) => written,
        // Whatever it may still be writing: nobody reads it.
        Err(_) = let_go => Err(ConnectionError::CutOff),
    }
}

async fn read(
    id: PeerId,
    received: &mut MessageStream,
    may_speak: oneshot::Receiver<()>,
    inbox: &mpsc::Sender<Inbox>,
) -> Result<(), ConnectionError> {
    let _ = may_speak.await;
    while let Some(message) = received.next().await {
        if inbox.send(Inbox::Received(id, message?)).await.is_err() {
            break;
        }
    }
    Ok(())
}

async fn write(
    connection: &zbus::Connection,
    mut to_send: mpsc::Receiver<Message>,
) -> Result<(), ConnectionError> {
    let mut ready = Vec::with_capacity(AT_ONCE);
    while to_send.recv_many(&mut ready, AT_ONCE).await > 0 {
        connection.send_all(&ready).await?;
        ready.clear();
    }
    Ok(())
}
