//! Reads a message: which method it calls, and whether the answer may be long.

use oncue_wire::hear::wants_answer;
use oncue_wire::interface::Kind;
use oncue_wire::names::BROKER_INTERFACE;
use oncue_wire::{Code, Method, Refused, say};
use zbus::message::Header;
use zbus::{DynamicType, Message};

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Called {
    /// A method of the broker.
    Method(Method),
    /// The description of all interfaces.
    Introspect,
    /// Whether the broker answers.
    Ping,
    /// The name of the connection. Programs that expect a message bus call this first.
    BusHello,
    /// Something that the broker does not offer.
    Unknown,
}

impl Called {
    pub(crate) fn of(message: &Message) -> Self {
        let header = message.header();
        match (interface(&header), member(&header)) {
            (Some("org.freedesktop.DBus.Introspectable"), "Introspect") => Self::Introspect,
            (Some("org.freedesktop.DBus.Peer"), "Ping") => Self::Ping,
            (Some("org.freedesktop.DBus"), "Hello") => Self::BusHello,
            (None | Some(BROKER_INTERFACE), member) => {
                Method::named(member).map_or(Self::Unknown, Self::Method)
            }
            (Some(_), _) => Self::Unknown,
        }
    }

    /// Returns whether the answer may be long.
    pub(super) fn is_answered_at_length(self) -> bool {
        match self {
            Self::Method(method) => method.kind() == Kind::List,
            Self::Introspect => true,
            Self::Ping | Self::BusHello | Self::Unknown => false,
        }
    }
}

fn interface<'a>(header: &'a Header<'_>) -> Option<&'a str> {
    header.interface().map(|interface| interface.as_str())
}

fn member<'a>(header: &'a Header<'_>) -> &'a str {
    header.member().map_or("", |member| member.as_str())
}

/// Refuses a call of a method that does not exist.
pub(crate) fn unknown(call: &Message) -> Refused {
    let header = call.header();
    let message = format!("no method {}.{}", interface(&header).unwrap_or_default(), member(&header));
    Refused::new(Code::UnknownMethod, message, "see docs/interface for the existing methods")
}

/// Writes the answer to a call.
pub(crate) fn respond<B: serde::Serialize + DynamicType>(
    call: &Message,
    body: &B,
) -> Result<Message, Refused> {
    Message::method_return(&call.header()).build(body).map_err(|error| {
        Refused::new(
            Code::Fault,
            format!("writing the answer: {error}"),
            "see the broker's log; `oncue doctor` shows where it is",
        )
    })
}

/// Writes the refusal of a call, if the caller wants an answer.
pub(crate) fn error_to(call: &Message, refused: &Refused) -> Option<Message> {
    if !wants_answer(call) {
        return None;
    }
    let written = say::refusal(call, refused);
    written.inspect_err(|error| tracing::error!("writing {}: {error}; not sent", refused.code.name())).ok()
}
