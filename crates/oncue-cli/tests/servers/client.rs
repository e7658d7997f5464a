//! A manual connection to the broker: as a tool, or as a task server that may misbehave.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

use futures_util::StreamExt as _;
use oncue_types::{InstanceId, TaskId};
use oncue_wire::names::{BROKER_INTERFACE, BROKER_PATH};
use oncue_wire::{Activation, Entry, Fired, Member as _, Place, TaskInfo, Watched, signal};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use zbus::message::{Flags, Message, Type as Kind};
use zbus::zvariant::{DynamicType, Type};
use zbus::{Connection, MessageStream};

use crate::stage::PATIENCE;

type Connecting = zbus::connection::Builder<'static>;

pub(crate) struct Client {
    runtime: Runtime,
    messages: MessageStream,
    connection: Connection,
    /// Messages that arrived while waiting for something else.
    kept: VecDeque<Message>,
    /// The signature of every body sent or received, by member; `Name()` is the answer to `Name`.
    pub(crate) spoken: BTreeMap<String, String>,
}

impl Client {
    pub(crate) fn connect(home: &Path) -> Self {
        Self::connect_by(home, zbus::connection::Builder::p2p)
    }

    /// A program that connects as to a message bus, as `busctl` and `gdbus` do.
    pub(crate) fn connect_as_to_a_bus(home: &Path) -> Self {
        Self::connect_by(home, |builder| builder)
    }

    fn connect_by(home: &Path, how: fn(Connecting) -> Connecting) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let messages = runtime.block_on(async {
            let stream = UnixStream::connect(Place::below(home).socket()).await.unwrap();
            let builder = zbus::connection::Builder::unix_stream(stream.into_std().unwrap());
            how(builder).build_message_stream().await.unwrap()
        });
        let connection = Connection::from(&messages);
        Self { runtime, messages, connection, kept: VecDeque::new(), spoken: BTreeMap::new() }
    }

    /// The name that the broker has given to the connection, if it was asked to.
    pub(crate) fn unique_name(&self) -> Option<String> {
        self.connection.unique_name().map(ToString::to_string)
    }

    /// A tool that receives all signals.
    pub(crate) fn watching(home: &Path) -> Self {
        let mut client = Self::connect(home);
        client.ask::<()>("Watch", &Watched::All).unwrap();
        client
    }

    /// The server with this token.
    pub(crate) fn server(home: &Path, token: &str) -> Self {
        Self::introduced(home, token).unwrap()
    }

    /// The server with this token, unless the broker refuses the token.
    pub(crate) fn introduced(home: &Path, token: &str) -> Result<Self, (String, String)> {
        let mut server = Self::connect(home);
        server.ask::<String>("Hello", &token)?;
        Ok(server)
    }

    /// Calls a method and waits for the answer. The error is the last part of its name, and its
    /// text.
    pub(crate) fn ask<A: DeserializeOwned + Type>(
        &mut self,
        name: &str,
        body: &(impl Serialize + DynamicType),
    ) -> Result<A, (String, String)> {
        let call = call(name, true, body);
        self.note(name.to_owned(), &call);
        let serial = call.primary_header().serial_num();
        self.send(&[call]);
        loop {
            let message = self.receive().expect("an answer");
            if message.header().reply_serial() != Some(serial) {
                self.kept.push_back(message);
                continue;
            }
            if message.message_type() == Kind::Error {
                let error = message.header().error_name().unwrap().to_string();
                let text = message.body().deserialize_ignore_signature::<(String, String)>().unwrap().0;
                return Err((error.rsplit('.').next().unwrap().to_owned(), text));
            }
            self.note(format!("{name}()"), &message);
            return Ok(message.body().deserialize_ignore_signature().unwrap());
        }
    }

    /// Sends a message that needs no answer, this many times.
    pub(crate) fn tell(&mut self, name: &str, body: &(impl Serialize + DynamicType), times: usize) {
        let messages: Vec<Message> = (0..times).map(|_| call(name, false, body)).collect();
        self.note(name.to_owned(), &messages[0]);
        self.send(&messages);
    }

    /// Sends a call and ignores the answer.
    pub(crate) fn call(&mut self, name: &str, body: &(impl Serialize + DynamicType), times: usize) {
        let messages: Vec<Message> = (0..times).map(|_| call(name, true, body)).collect();
        self.send(&messages);
    }

    fn send(&self, messages: &[Message]) {
        let sent = async { timeout(PATIENCE, self.connection.send_all(messages)).await };
        // If the connection is cut off meanwhile, receiving will show it.
        let _ = self.runtime.block_on(sent).expect("it can be sent");
    }

    /// Returns the next message, or `None` if the connection is closed.
    fn receive(&mut self) -> Option<Message> {
        let received = async { timeout(PATIENCE, self.messages.next()).await };
        let message = self.runtime.block_on(received).expect("something comes").and_then(Result::ok)?;
        if let Some(member) = message.header().member() {
            self.note(member.to_string(), &message);
        }
        Some(message)
    }

    fn note(&mut self, member: String, message: &Message) {
        self.spoken.insert(member, signature(message));
    }

    fn next(&mut self, wanted: &str) -> Message {
        let is_wanted = |message: &Message| {
            message.message_type() != Kind::MethodReturn
                && message.header().member().is_some_and(|member| member.as_str() == wanted)
        };
        if let Some(at) = self.kept.iter().position(is_wanted) {
            return self.kept.remove(at).unwrap();
        }
        loop {
            let message = self.receive().expect("the connection is open");
            if is_wanted(&message) {
                return message;
            }
            self.kept.push_back(message);
        }
    }

    /// Waits for the next run, as its server.
    pub(crate) fn run(&mut self) -> Activation {
        self.next("Run").body().deserialize_ignore_signature().unwrap()
    }

    /// Waits for a cancellation, as the run's server.
    pub(crate) fn cancelled(&mut self) -> InstanceId {
        let body = self.next("Cancel").body().deserialize_ignore_signature::<(String, u32)>().unwrap();
        body.0.parse().unwrap()
    }

    /// Waits for the next end of a firing.
    pub(crate) fn ended(&mut self) -> Entry {
        self.next(signal::Ended::NAME).body().deserialize_ignore_signature().unwrap()
    }

    /// Waits for the end of a registration, and returns the task's id.
    pub(crate) fn removed(&mut self) -> TaskId {
        self.next(signal::TaskRemoved::NAME).body().deserialize::<String>().unwrap().parse().unwrap()
    }

    /// Waits for the end of this task's next firing.
    pub(crate) fn ended_of(&mut self, name: &str) -> Entry {
        loop {
            let entry = self.ended();
            if entry.name == name {
                return entry;
            }
        }
    }

    /// Waits until the next run is entered.
    pub(crate) fn entered(&mut self) {
        self.next(signal::RunEntered::NAME);
    }

    /// Waits for the next progress value of any run.
    pub(crate) fn progress(&mut self) -> u32 {
        let message = self.next(signal::Progress::NAME);
        message.body().deserialize_ignore_signature::<signal::Progress>().unwrap().value
    }

    pub(crate) fn task(&mut self, name: &str) -> TaskInfo {
        self.ask::<Vec<TaskInfo>>("Find", &name).unwrap().remove(0)
    }

    pub(crate) fn fire(&mut self, name: &str) -> Fired {
        let task = self.task(name).task_id.to_string();
        self.ask("Fire", &(task, false)).unwrap()
    }

    pub(crate) fn cancel(&mut self, name: &str) {
        let task = self.task(name).task_id.to_string();
        self.ask::<()>("Cancel", &(task, 0_u32)).unwrap();
    }

    /// Registers class 1, as a server.
    pub(crate) fn registers_class(&mut self) {
        self.ask::<u32>("RegisterClass", &(crate::parts::class(1).to_string(), false)).unwrap();
    }
}

/// The signature in a message's header, because zbus does not distinguish a structure from its
/// fields.
fn signature(message: &Message) -> String {
    let bytes: &[u8] = message.data();
    let fields = 16 + u32::from_le_bytes(bytes[12..16].try_into().unwrap()) as usize;
    let field = (16..fields).step_by(8).find(|at| bytes[*at..].starts_with(&[8, 1, b'g', 0]));
    let text = field.map(|at| &bytes[at + 5..at + 5 + usize::from(bytes[at + 4])]);
    String::from_utf8(text.unwrap_or_default().to_vec()).unwrap()
}

fn call(name: &str, wants_answer: bool, body: &(impl Serialize + DynamicType)) -> Message {
    let call = Message::method_call(BROKER_PATH, name).interface(BROKER_INTERFACE);
    let call = if wants_answer { call } else { call.with_flags(Flags::NO_REPLY_EXPECTED) };
    call.build(body).unwrap()
}
