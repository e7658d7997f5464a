//! Writes the broker's messages: answers, refusals, signals, and calls to task servers.

use oncue_types::{Answer, Notice};
use zbus::message::Flags;
use zbus::names::OwnedUniqueName;
use zbus::{DynamicType, Message};

use crate::interface::{Ask, Member, ask, signal};
use crate::names::{BROKER_INTERFACE, BROKER_PATH, SERVER_INTERFACE, SERVER_PATH};
use crate::{PackageInfo, Paused, Refused, Resumed, convert};

/// Writes the answer to a call of the method `M`.
///
/// # Errors
/// Returns an error if it cannot be written as a message.
pub fn answered<M: Ask<Answer: DynamicType>>(call: &Message, answer: &M::Answer) -> zbus::Result<Message> {
    Message::method_return(&call.header()).build(answer)
}

/// Writes the core's answer to a call; `package` shows the one that was added.
///
/// # Errors
/// Returns an error if it cannot be written as a message.
pub fn answer(
    call: &Message,
    answer: Answer,
    package: impl FnOnce(&oncue_types::FamilyName) -> Option<PackageInfo>,
) -> zbus::Result<Message> {
    match answer {
        Answer::Registered { task, how } => answered::<ask::Register>(call, &convert::registered(task, how)),
        Answer::Fired(result) => {
            let ask::Fire { task_id, .. } = call.body().deserialize_ignore_signature()?;
            // The call was understood, so its id is valid.
            answered::<ask::Fire>(call, &convert::fired(task_id.parse().unwrap_or_default(), result))
        }
        Answer::ClassRegistered(cookie) => answered::<ask::RegisterClass>(call, &cookie.0),
        Answer::MayLeave(may) => answered::<ask::Leave>(call, &may),
        Answer::Requested(result) => answered::<ask::Request>(call, &(result as u32)),
        Answer::Signalled(fired) => answered::<ask::Signal>(call, &count(fired)),
        Answer::Paused { pause, cancelled } => {
            let (pause, cancelled) = (Some(convert::pause(pause)), count(cancelled));
            answered::<ask::Pause>(call, &Paused { pause, cancelled })
        }
        Answer::Resumed { was_paused, tasks_paused } => {
            answered::<ask::Resume>(call, &Resumed { was_paused, tasks_paused: count(tasks_paused) })
        }
        Answer::PackageAdded(family) => {
            answered::<ask::AddPackage>(call, &package(&family).unwrap_or_default())
        }
        Answer::Done => Message::method_return(&call.header()).build(&()),
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Writes the refusal of a call. On a message bus, it is a single text, because that is the only form which GLib's
/// bindings show to a person.
///
/// # Errors
/// Returns an error if it cannot be written as a message.
pub fn refusal(call: &Message, refused: &Refused) -> zbus::Result<Message> {
    let Refused { code, message, way_out } = refused;
    let header = call.header();
    let error = Message::error(&header, code.name());
    match header.sender() {
        Some(_) => error.build(&format!("{message}; {way_out}")),
        None => error.build(&(message, way_out, code.hresult())),
    }
}

/// Writes a call to a task server, which sends no answer.
///
/// # Errors
/// Returns an error if it cannot be written as a message.
pub fn to_server<M: Member>(order: &M) -> zbus::Result<Message> {
    Message::method_call(SERVER_PATH, M::NAME)
        .interface(SERVER_INTERFACE)
        .with_flags(Flags::NO_REPLY_EXPECTED)
        .build(order)
}

/// Writes a notice to watching clients as a signal; on a message bus, `to` is the client's name.
///
/// # Errors
/// Returns an error if it cannot be written as a message.
pub fn signal(notice: &Notice, to: Option<&OwnedUniqueName>) -> zbus::Result<Message> {
    match notice {
        Notice::TaskChanged(task) => told(to, &signal::TaskChanged { task_id: (*task).into() }),
        Notice::TaskRemoved(task) => told(to, &signal::TaskRemoved { task_id: (*task).into() }),
        Notice::RunEntered { task, instance } => {
            told(to, &signal::RunEntered { task_id: (*task).into(), instance_id: (*instance).into() })
        }
        Notice::RunProgressed { task, instance, value } => told(
            to,
            &signal::Progress { task_id: (*task).into(), instance_id: (*instance).into(), value: *value },
        ),
        Notice::Ended(entry) => told(to, &signal::Ended { entry: convert::entry(entry) }),
    }
}

fn told<M: Member>(to: Option<&OwnedUniqueName>, signal: &M) -> zbus::Result<Message> {
    let message = Message::signal(BROKER_PATH, BROKER_INTERFACE, M::NAME);
    match to {
        Some(name) => message.destination(name).build(signal),
        None => message.build(signal),
    }
}
