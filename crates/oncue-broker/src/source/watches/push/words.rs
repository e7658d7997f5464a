//! The messages of a distributor, in both versions of its interface.

use std::collections::HashMap;

use oncue_core::{Guid, TaskId};
use zbus::Message;
use zbus::OwnedVariant as OwnedValue;

/// The meaning of a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Nothing relevant.
    Nothing,
    /// A distributor is available now.
    Came,
    /// The distributor is gone.
    Went,
    /// A task is registered.
    Registered(TaskId),
    /// A task is not registered, for this reason.
    Refused(TaskId, String),
    /// A task has this endpoint.
    Endpoint(TaskId, String),
    /// A message for a task.
    Message(TaskId, String),
    /// A task is no longer registered.
    Unregistered(TaskId),
}

type Named = HashMap<String, OwnedValue>;

/// Parses a call from the distributor.
pub(super) fn call(message: &Message) -> Said {
    let header = message.header();
    let second = header.interface().is_some_and(|interface| interface.as_str().ends_with('2'));
    let said = match header.member().map(|member| member.as_str()) {
        Some("Message") => pushed(message, second),
        Some("NewEndpoint") => pair(message, second, "endpoint").map(|(task, url)| Said::Endpoint(task, url)),
        Some("Unregistered") => token(message, second).map(Said::Unregistered),
        _ => None,
    };
    said.unwrap_or(Said::Nothing)
}

/// Parses the answer to a registration: its result, and the reason if it failed.
pub(super) fn registered(task: TaskId, answer: &Message, second: bool) -> Said {
    let (result, reason) = if second {
        let Ok(named) = answer.body().deserialize::<Named>() else { return unreadable(task) };
        (text(&named, "success").unwrap_or_default(), text(&named, "reason").unwrap_or_default())
    } else {
        let Ok(pair) = answer.body().deserialize::<(String, String)>() else { return unreadable(task) };
        pair
    };
    match result.as_str() {
        "REGISTRATION_SUCCEEDED" => Said::Registered(task),
        _ if reason.is_empty() => Said::Refused(task, result),
        _ => Said::Refused(task, reason),
    }
}

fn unreadable(task: TaskId) -> Said {
    Said::Refused(task, "its answer cannot be read".into())
}

fn pushed(message: &Message, second: bool) -> Option<Said> {
    let (task, bytes) = if second {
        let mut named: Named = message.body().deserialize().ok()?;
        let bytes = Vec::<u8>::try_from(named.remove("message")?).ok()?;
        (task(&text(&named, "token")?)?, bytes)
    } else {
        let (token, bytes, _): (String, Vec<u8>, String) = message.body().deserialize().ok()?;
        (task(&token)?, bytes)
    };
    Some(Said::Message(task, shown(bytes)))
}

/// Returns a message as text, or its bytes in hexadecimal if it is not text.
fn shown(bytes: Vec<u8>) -> String {
    match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => text,
        Ok(text) => hex(text.as_bytes()),
        Err(error) => hex(error.as_bytes()),
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold("hex:".to_owned(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn pair(message: &Message, second: bool, name: &str) -> Option<(TaskId, String)> {
    if second {
        let named: Named = message.body().deserialize().ok()?;
        return Some((task(&text(&named, "token")?)?, text(&named, name)?));
    }
    let (token, value): (String, String) = message.body().deserialize().ok()?;
    Some((task(&token)?, value))
}

fn token(message: &Message, second: bool) -> Option<TaskId> {
    if second {
        return task(&text(&message.body().deserialize().ok()?, "token")?);
    }
    task(&message.body().deserialize::<String>().ok()?)
}

fn text(named: &Named, name: &str) -> Option<String> {
    named.get(name).and_then(|value| value.try_clone().ok()).and_then(|value| String::try_from(value).ok())
}

fn task(token: &str) -> Option<TaskId> {
    token.parse::<Guid>().ok().map(TaskId)
}
