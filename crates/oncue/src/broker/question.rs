//! All questions to the broker: their arguments, and how to read the answers.

use std::marker::PhantomData;

use oncue_wire::names::{BROKER_INTERFACE, BROKER_PATH};
use oncue_wire::{
    BrokerInfo, Code, Entry, FactInfo, Fired, Identity, PackageInfo, Refused, Registered, TaskInfo, TaskSpec,
    Watched,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zbus::message::{Flags, Message, Type as Kind};
use zbus::zvariant::{DynamicType, Type};

use crate::Error;
use crate::broker::fault::Fault;

/// A question that is ready to be sent, and whose answer is an `A`.
pub(crate) struct Question<A> {
    pub(crate) name: &'static str,
    message: zbus::Result<Message>,
    effect: Effect,
    answer: PhantomData<fn() -> A>,
}

/// The effect of a question on the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// None: it can be asked again.
    None,
    /// Asking it twice may change something twice.
    Change,
}

impl<A> Question<A> {
    /// Creates a question that changes something.
    fn new(name: &'static str, arguments: &(impl Serialize + DynamicType)) -> Self {
        let message = build(name, Flags::empty(), arguments);
        let message = message.and_then(|message| message.body().validate().map(|()| message));
        Self { name, message, effect: Effect::Change, answer: PhantomData }
    }

    /// Creates a question that only reads.
    fn look(name: &'static str, arguments: &(impl Serialize + DynamicType)) -> Self {
        Self { effect: Effect::None, ..Self::new(name, arguments) }
    }

    /// Returns the same question again, if it can be asked again.
    pub(crate) fn again(&self) -> Option<Self> {
        let message = self.message.as_ref().ok().filter(|_| self.effect == Effect::None)?;
        let message = Ok(message.clone());
        Some(Self { name: self.name, message, effect: self.effect, answer: PhantomData })
    }

    /// Refuses arguments that cannot be sent, before anything is sent.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.message.as_ref().map(|_| ()).map_err(|error| unsendable(self.name, error))
    }

    /// Takes the message to send.
    pub(crate) fn message(self) -> Result<Message, Error> {
        self.message.map_err(|error| unsendable(self.name, &error))
    }
}

/// A message that needs no answer.
pub(crate) fn tell(name: &'static str, arguments: &(impl Serialize + DynamicType)) -> zbus::Result<Message> {
    build(name, Flags::NO_REPLY_EXPECTED, arguments)
}

fn build(
    name: &'static str,
    flags: Flags,
    arguments: &(impl Serialize + DynamicType),
) -> zbus::Result<Message> {
    Message::method_call(BROKER_PATH, name).interface(BROKER_INTERFACE).with_flags(flags).build(arguments)
}

/// The D-Bus protocol does not allow NUL characters in strings, or messages above 128 MiB.
fn unsendable(name: &str, error: &zbus::Error) -> Error {
    Error::invalid(
        format!("the arguments of `{name}` cannot be sent: {error}"),
        "remove NUL characters from texts, and keep texts short",
    )
}

/// Reads the broker's answer, or its refusal.
///
/// The signature is not compared, because a single struct has the same bytes with and without its
/// outer parentheses, and libraries differ in which they write.
pub(crate) fn read<A: DeserializeOwned + Type>(
    question: &'static str,
    message: &Message,
) -> Result<A, Error> {
    if message.message_type() == Kind::Error {
        return Err(refused(message).into());
    }
    message.body().deserialize_ignore_signature().map_err(|source| Fault::Answer { question, source }.into())
}

fn refused(message: &Message) -> Refused {
    let header = message.header();
    let name = header.error_name().map_or("", |name| name.as_str());
    let body = message.body();
    // Text and way out come first. A newer broker may send more fields, and a bus sends fewer.
    let (text, way_out) = match body.deserialize_ignore_signature::<(String, String)>() {
        Ok(both) => both,
        Err(_) => (body.deserialize::<String>().unwrap_or_default(), String::new()),
    };
    match Code::named(name) {
        Some(code) => Refused::new(code, text, way_out),
        None => Refused::new(Code::Fault, format!("{name}: {text}"), way_out),
    }
}

/// Presents a token, which is valid once.
pub(crate) fn hello(token: &str) -> Question<String> {
    Question::new("Hello", &token)
}

/// Asks for the broker's version.
pub(crate) fn version() -> Question<String> {
    Question::look("Hello", &"")
}

pub(crate) fn identity() -> Question<Identity> {
    Question::look("Identity", &())
}

pub(crate) fn register(task: &TaskSpec) -> Question<Registered> {
    Question::new("Register", &(task,))
}

pub(crate) fn unregister(task_id: &str, cancel: bool) -> Question<()> {
    Question::new("Unregister", &(task_id, cancel))
}

pub(crate) fn tasks(whose: Watched, after: &str, most: u32) -> Question<Vec<TaskInfo>> {
    Question::look("Tasks", &(whose, after, most))
}

pub(crate) fn find(named: &str) -> Question<Vec<TaskInfo>> {
    Question::look("Find", &named)
}

pub(crate) fn fire(task_id: &str, force: bool) -> Question<Fired> {
    Question::new("Fire", &(task_id, force))
}

pub(crate) fn cancel(task_id: &str, reason: u32) -> Question<()> {
    Question::new("Cancel", &(task_id, reason))
}

pub(crate) fn release(task_id: &str) -> Question<()> {
    Question::new("Release", &task_id)
}

pub(crate) fn request(task_id: &str, arguments: &[String]) -> Question<u32> {
    Question::new("Request", &(task_id, arguments))
}

pub(crate) fn signal(name: &str, arguments: &[String]) -> Question<u32> {
    Question::new("Signal", &(name, arguments))
}

pub(crate) fn pin(fact: &str, value: &str) -> Question<()> {
    Question::new("Pin", &(fact, value))
}

pub(crate) fn history(task_id: &str, package: &str, most: u32) -> Question<Vec<Entry>> {
    Question::look("History", &(task_id, package, most))
}

pub(crate) fn history_before(task_id: &str, package: &str, last: &Entry, most: u32) -> Question<Vec<Entry>> {
    let arguments = (task_id, package, last.ended_at, last.instance_id.as_str(), most);
    Question::look("HistoryBefore", &arguments)
}

pub(crate) fn watch(whose: Watched) -> Question<()> {
    Question::new("Watch", &whose)
}

pub(crate) fn add_package(folder: &str, allow_downgrade: bool) -> Question<PackageInfo> {
    Question::new("AddPackage", &(folder, allow_downgrade))
}

pub(crate) fn remove_package(family_name: &str) -> Question<()> {
    Question::new("RemovePackage", &family_name)
}

pub(crate) fn set_access(family_name: &str, access: &str) -> Question<()> {
    Question::new("SetAccess", &(family_name, access))
}

pub(crate) fn packages() -> Question<Vec<PackageInfo>> {
    Question::look("Packages", &())
}

pub(crate) fn facts() -> Question<Vec<FactInfo>> {
    Question::look("Facts", &())
}

pub(crate) fn about() -> Question<BrokerInfo> {
    Question::look("About", &())
}

pub(crate) fn stop() -> Question<()> {
    Question::new("Stop", &())
}

pub(crate) fn register_class(class_id: &str, single_use: bool) -> Question<u32> {
    Question::new("RegisterClass", &(class_id, single_use))
}

pub(crate) fn register_class_suspended(class_id: &str, single_use: bool) -> Question<u32> {
    Question::new("RegisterClassSuspended", &(class_id, single_use))
}

pub(crate) fn resume_classes() -> Question<()> {
    Question::new("ResumeClasses", &())
}

pub(crate) fn revoke_class(cookie: u32) -> Question<()> {
    Question::new("RevokeClass", &cookie)
}

pub(crate) fn leave() -> Question<bool> {
    Question::new("Leave", &())
}
