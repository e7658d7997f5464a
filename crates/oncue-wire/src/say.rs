//! What the broker says, written as messages: answers, refusals, signals, calls to task servers.

use oncue_types::{Answer, Notice};
use serde::Serialize;
use zbus::Message;
use zbus::message::Flags;

use crate::names::{BROKER_INTERFACE, BROKER_PATH, SERVER_INTERFACE, SERVER_PATH, signal as name};
use crate::{PackageInfo, Refused, convert};

/// Writes the core's answer to a call; `package` shows the one that was added.
///
/// # Errors
/// Returns an error if it cannot be written as a message.
pub fn answer(
    call: &Message,
    answer: Answer,
    package: impl FnOnce(&oncue_types::FamilyName) -> Option<PackageInfo>,
) -> zbus::Result<Message> {
    let header = call.header();
    let reply = Message::method_return(&header);
    match answer {
        Answer::Registered { task, how } => reply.build(&convert::registered(task, how)),
        Answer::Fired(result) => {
            let task = call.body().deserialize::<(String, bool)>().map(|(task, _)| task)?;
            reply.build(&convert::fired(task, result))
        }
        Answer::ClassRegistered(cookie) => reply.build(&cookie.0),
        Answer::MayLeave(may) => reply.build(&may),
        Answer::Requested(result) => reply.build(&(result as u32)),
        Answer::Signalled(count) => reply.build(&u32::try_from(count).unwrap_or(u32::MAX)),
        Answer::PackageAdded(family) => match package(&family) {
            Some(package) => reply.build(&package),
            None => reply.build(&()),
        },
        Answer::Done => reply.build(&()),
    }
}

/// Writes the refusal of a call.
///
/// # Errors
/// Returns an error if it cannot be written as a message.
pub fn refusal(call: &Message, refused: &Refused) -> zbus::Result<Message> {
    let Refused { code, message, way_out } = refused;
    Message::error(&call.header(), code.name()).build(&(message, way_out, code.hresult()))
}

/// Writes a call to a task server, which wants no answer.
///
/// # Errors
/// Returns an error if it cannot be written as a message.
pub fn to_server<B: Serialize + zbus::DynamicType>(method: &'static str, body: &B) -> zbus::Result<Message> {
    Message::method_call(SERVER_PATH, method)
        .interface(SERVER_INTERFACE)
        .with_flags(Flags::NO_REPLY_EXPECTED)
        .build(body)
}

/// Writes what watchers learn.
///
/// # Errors
/// Returns an error if it cannot be written as a message.
pub fn signal(notice: &Notice) -> zbus::Result<Message> {
    let signal = |name: &'static str| Message::signal(BROKER_PATH, BROKER_INTERFACE, name);
    match notice {
        Notice::TaskChanged(task) => signal(name::TASK_CHANGED).build(&task.to_string()),
        Notice::TaskRemoved(task) => signal(name::TASK_REMOVED).build(&task.to_string()),
        Notice::RunEntered { task, instance } => {
            signal(name::RUN_ENTERED).build(&(task.to_string(), instance.to_string()))
        }
        Notice::RunProgressed { task, instance, value } => {
            signal(name::PROGRESS).build(&convert::progress(*task, *instance, *value))
        }
        Notice::Ended(entry) => signal(name::ENDED).build(&convert::entry(entry)),
    }
}
