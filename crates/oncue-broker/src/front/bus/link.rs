//! The connection to the bus over which clients call.
//!
//! Its messages are read like those of a client at the socket: only whole ones within the limits reach the
//! parser, and one that is too long is dropped as it arrives. A connection of zbus would read messages of up to
//! 128 MiB into memory.

use std::collections::HashMap;
use std::io;
use std::num::NonZeroU32;
use std::path::PathBuf;

use oncue_wire::Refused;
use oncue_wire::names::BROKER_INTERFACE;
use rustix::process::getuid;
use serde::Serialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use zbus::address::Transport;
use zbus::address::transport::UnixSocket;
use zbus::message::Type;
use zbus::names::OwnedUniqueName;
use zbus::{Address, DynamicType, Message};

use super::super::account::Charge;
use super::super::connection::ConnectionError;
use super::super::framing::{Framing, FramingError};
use super::super::hear::error_to;
use super::super::outbox::Outgoing;

/// The broker's name on the bus; it is that of its interface.
pub(super) const NAME: &str = BROKER_INTERFACE;

const BUS: &str = "org.freedesktop.DBus";

/// How many messages may wait to be written. Clients have queues of their own.
const WAITING: usize = 64;

/// The maximum length of the bus's line in the handshake.
const LINE: usize = 512;

/// The reading end of a connection to the bus, and what was asked of the bus over it.
#[derive(Debug)]
pub(super) struct Link {
    framing: Framing<OwnedReadHalf>,
    to_send: mpsc::Sender<Outgoing>,
    asked: HashMap<NonZeroU32, Asked>,
}

/// The writing end.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) to: OwnedWriteHalf,
    pub(super) waiting: mpsc::Receiver<Outgoing>,
}

/// The question that an answer of the bus belongs to.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    /// The broker's name.
    Name,
    /// Whether this client is still on the bus.
    Presence(OwnedUniqueName),
}

/// A message from the bus.
#[derive(Debug)]
pub(super) enum Heard {
    /// A call of a client.
    Call(OwnedUniqueName, Message),
    /// The header of a call that is too long, and its length.
    TooLong(Message, usize),
    /// A client has left the bus.
    Left(OwnedUniqueName),
    /// The broker has its name.
    NameIsOurs,
    /// Another program has it; the broker gets it when that one releases it.
    NameIsTaken,
    /// Something that nobody waits for.
    Nothing,
}

/// Why the bus cannot be served.
#[derive(Debug, thiserror::Error)]
pub(super) enum LinkError {
    #[error("its address is not that of a Unix socket")]
    NoSocket,
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("it does not let this user in: {0:?}")]
    Rejected(String),
    #[error(transparent)]
    Framing(#[from] FramingError),
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    #[error("it closed the connection")]
    Ended,
    #[error("it does not answer")]
    Silent,
    #[error("writing a message: {0}")]
    Message(#[from] zbus::Error),
}

impl Link {
    /// Connects to the bus, and asks for the name.
    pub(super) async fn open(address: &Address) -> Result<(Self, Writer), LinkError> {
        let mut stream = UnixStream::connect(socket(address).ok_or(LinkError::NoSocket)?).await?;
        introduce(&mut stream).await?;
        let (from, to) = stream.into_split();
        let (to_send, waiting) = mpsc::channel(WAITING);
        let framing = Framing::new(from, Vec::new(), None);
        let mut link = Self { framing, to_send, asked: HashMap::new() };
        link.tell("Hello", &()).await?;
        // If another program has the name, the broker is next in the queue.
        let no_flags = 0_u32;
        link.ask("RequestName", &(NAME, no_flags), Asked::Name).await?;
        Ok((link, Writer { to, waiting }))
    }

    /// Waits for the next message.
    pub(super) async fn hear(&mut self) -> Result<Heard, LinkError> {
        let announced = self.framing.next().await?.ok_or(LinkError::Ended)?;
        if announced.is_too_long() {
            let header = self.framing.header(announced).await?;
            self.framing.skip(announced).await?;
            let is_call = header.message_type() == Type::MethodCall;
            return Ok(if is_call { Heard::TooLong(header, announced.length) } else { Heard::Nothing });
        }
        let message = self.framing.take(announced).await?;
        Ok(self.meaning(message))
    }

    fn meaning(&mut self, message: Message) -> Heard {
        let header = message.header();
        match message.message_type() {
            Type::MethodCall => match header.sender() {
                Some(sender) => Heard::Call(sender.to_owned().into(), message),
                None => Heard::Nothing,
            },
            // Only the bus itself has this name, so no other program can send these signals.
            Type::Signal if header.sender().is_some_and(|sender| sender.as_str() == BUS) => {
                signal(header.member().map_or("", |member| member.as_str()), &message)
            }
            Type::Signal => Heard::Nothing,
            Type::MethodReturn => match header.reply_serial().and_then(|serial| self.asked.remove(&serial)) {
                Some(Asked::Name) => match message.body().deserialize::<u32>() {
                    Ok(IN_QUEUE) => Heard::NameIsTaken,
                    // The bus also sends a signal when the name is acquired.
                    Ok(_) | Err(_) => Heard::Nothing,
                },
                Some(Asked::Presence(client)) => match message.body().deserialize::<bool>() {
                    Ok(false) => Heard::Left(client),
                    Ok(true) | Err(_) => Heard::Nothing,
                },
                None => Heard::Nothing,
            },
            Type::Error => match header.reply_serial().and_then(|serial| self.asked.remove(&serial)) {
                Some(Asked::Name) => Heard::NameIsTaken,
                Some(Asked::Presence(client)) => Heard::Left(client),
                None => Heard::Nothing,
            },
        }
    }

    /// Has the end of a client noticed, even if it has already left.
    pub(super) async fn follow(&mut self, client: &OwnedUniqueName) -> Result<(), LinkError> {
        self.tell("AddMatch", &departure(client)).await?;
        self.ask("NameHasOwner", client, Asked::Presence(client.clone())).await
    }

    pub(super) async fn unfollow(&mut self, client: &OwnedUniqueName) -> Result<(), LinkError> {
        self.tell("RemoveMatch", &departure(client)).await
    }

    /// Refuses a call.
    pub(super) async fn refuse(&mut self, call: &Message, refused: &Refused) -> Result<(), LinkError> {
        match error_to(call, refused) {
            Some(answer) => self.send(answer).await,
            None => Ok(()),
        }
    }

    /// Gives the name up, so that the next call starts or finds another broker.
    pub(super) async fn release_name(&mut self) -> Result<(), LinkError> {
        self.tell("ReleaseName", &NAME).await
    }

    /// Returns where clients' messages are put to be written.
    pub(super) fn to_send(&self) -> mpsc::Sender<Outgoing> {
        self.to_send.clone()
    }

    async fn ask<B: Serialize + DynamicType>(
        &mut self,
        method: &str,
        body: &B,
        asked: Asked,
    ) -> Result<(), LinkError> {
        let call = call(method, body)?;
        self.asked.insert(call.primary_header().serial_num(), asked);
        self.send(call).await
    }

    async fn tell<B: Serialize + DynamicType>(&mut self, method: &str, body: &B) -> Result<(), LinkError> {
        self.send(call(method, body)?).await
    }

    async fn send(&self, message: Message) -> Result<(), LinkError> {
        let out = Outgoing::answer(message, Charge::default());
        self.to_send.send(out).await.map_err(|_| LinkError::Ended)
    }
}

/// The answer to `RequestName` if another program has the name.
const IN_QUEUE: u32 = 2;

fn signal(member: &str, message: &Message) -> Heard {
    match member {
        "NameAcquired" if message.body().deserialize::<&str>().is_ok_and(|name| name == NAME) => {
            Heard::NameIsOurs
        }
        "NameLost" if message.body().deserialize::<&str>().is_ok_and(|name| name == NAME) => {
            Heard::NameIsTaken
        }
        "NameOwnerChanged" => match message.body().deserialize::<(OwnedUniqueName, &str, &str)>() {
            Ok((client, _, "")) => Heard::Left(client),
            Ok(_) | Err(_) => Heard::Nothing,
        },
        _ => Heard::Nothing,
    }
}

fn call<B: Serialize + DynamicType>(method: &str, body: &B) -> zbus::Result<Message> {
    Message::method_call("/org/freedesktop/DBus", method).destination(BUS).interface(BUS).build(body)
}

/// The rule for the end of a client.
fn departure(client: &OwnedUniqueName) -> String {
    format!("type='signal',sender='{BUS}',interface='{BUS}',member='NameOwnerChanged',arg0='{client}'")
}

/// Returns the path of a bus's socket. That of an abstract socket begins with NUL, as tokio has it.
fn socket(address: &Address) -> Option<PathBuf> {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt as _;

    let Transport::Unix(unix) = address.transport() else { return None };
    match unix.path() {
        UnixSocket::File(path) => Some(path.clone()),
        UnixSocket::Abstract(name) => {
            let path = [b"\0", name.as_encoded_bytes()].concat();
            Some(OsString::from_vec(path).into())
        }
        UnixSocket::Dir(_) | UnixSocket::TmpDir(_) | _ => None,
    }
}

/// Performs the client's part of the SASL handshake. The kernel tells the bus who this is. Descriptors are not
/// passed.
async fn introduce(stream: &mut UnixStream) -> Result<(), LinkError> {
    let user: String = getuid().as_raw().to_string().bytes().map(|digit| format!("{digit:02x}")).collect();
    stream.write_all(format!("\0AUTH EXTERNAL {user}\r\n").as_bytes()).await?;
    let mut line = Vec::with_capacity(LINE);
    // The bus sends nothing after this line until it has got the next one.
    while !line.ends_with(b"\r\n") {
        if line.len() >= LINE || stream.read_buf(&mut line).await? == 0 {
            break;
        }
    }
    if !line.starts_with(b"OK ") || !line.ends_with(b"\r\n") {
        return Err(LinkError::Rejected(String::from_utf8_lossy(&line).into_owned()));
    }
    Ok(stream.write_all(b"BEGIN\r\n").await?)
}
