//! Questions to the broker: how they are sent, and how to read the answers.

use std::marker::PhantomData;

use oncue_wire::dictionary::Sendable as Answer;
use oncue_wire::interface::Kind;
use oncue_wire::names::{BROKER_INTERFACE, BROKER_PATH};
use oncue_wire::{Ask, Code, Refused, ask};
use zbus::message::{Flags, Message, Type};

use crate::broker::fault::Fault;
use crate::error::Error;

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
    /// Creates the question that a method of the broker answers.
    pub(crate) fn of<M: Ask<Answer = A>>(ask: &M) -> Self {
        let effect = match M::METHOD.kind() {
            Kind::Look | Kind::List => Effect::None,
            Kind::Change | Kind::Tell => Effect::Change,
        };
        let message = build(Flags::empty(), ask);
        // zbus writes texts as they are. Reading them back finds the NUL characters that nobody can read.
        let message = message.and_then(|message| {
            message.body().deserialize_ignore_signature::<M>()?;
            Ok(message)
        });
        Self { name: M::NAME, message, effect, answer: PhantomData }
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

/// Creates a message that needs no answer.
pub(crate) fn tell<M: Ask>(ask: &M) -> zbus::Result<Message> {
    build(Flags::NO_REPLY_EXPECTED, ask)
}

fn build<M: Ask>(flags: Flags, ask: &M) -> zbus::Result<Message> {
    Message::method_call(BROKER_PATH, M::NAME).interface(BROKER_INTERFACE).with_flags(flags).build(ask)
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
pub(crate) fn read<A: Answer>(question: &'static str, message: &Message) -> Result<A, Error> {
    if message.message_type() == Type::Error {
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

/// Asks for the broker's version, which binds nothing.
pub(crate) fn version() -> Question<String> {
    Question { effect: Effect::None, ..Question::of(&ask::Hello { token: String::new() }) }
}
