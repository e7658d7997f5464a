//! Requests to a bus over one connection, and the meaning of its answers.
//!
//! Nothing here waits for an answer: all messages are read in one place, so that a flood of signals
//! does not delay an answer behind it.

use std::collections::HashMap;
use std::num::NonZeroU32;

use oncue_core::TaskId;
use oncue_wire::Rule;
use zbus::message::{Flags, Type};
use zbus::names::BusName;
use zbus::{Connection, Message};

const BUS: &str = "org.freedesktop.DBus";

/// One connection to a bus.
pub(super) struct Link {
    bus: Connection,
    asked: HashMap<NonZeroU32, Asked>,
    tasks: HashMap<TaskId, Taken>,
    /// The owners of the names in rules, because a signal only contains its sender's unique name.
    owners: HashMap<String, Option<String>>,
}

/// What an answer is for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Match(TaskId),
    Owner(String),
}

/// The requests made on behalf of a task.
struct Taken {
    rule: String,
    name: Option<String>,
}

/// The meaning of a message.
#[derive(Debug)]
pub(super) enum Heard {
    /// The bus has accepted a task's rule.
    Taken(TaskId),
    /// The bus has refused it, with the reason.
    Refused(TaskId, String),
    /// It is a signal.
    Signal,
}

impl Link {
    pub(super) fn new(bus: Connection) -> Self {
        Self { bus, asked: HashMap::new(), tasks: HashMap::new(), owners: HashMap::new() }
    }

    /// Asks the bus to send signals that match the rule.
    pub(super) async fn begin(&mut self, task: TaskId, rule: &Rule) -> zbus::Result<()> {
        let name = followed(rule);
        // This comes first, so that the owner is known before the first signal.
        if let Some(name) = name.clone().filter(|name| !self.owners.contains_key(name)) {
            self.owners.insert(name.clone(), None);
            self.call("AddMatch", &changes_of(&name), Flags::NO_REPLY_EXPECTED).await?;
            let serial = self.call("GetNameOwner", &name, Flags::default()).await?;
            self.asked.insert(serial, Asked::Owner(name));
        }
        let rule = rule.as_str().to_owned();
        let serial = self.call("AddMatch", &rule, Flags::default()).await?;
        self.asked.insert(serial, Asked::Match(task));
        self.tasks.insert(task, Taken { rule, name });
        Ok(())
    }

    pub(super) async fn end(&mut self, task: TaskId) -> zbus::Result<()> {
        let Some(Taken { rule, name }) = self.tasks.remove(&task) else { return Ok(()) };
        self.asked.retain(|_, asked| *asked != Asked::Match(task));
        self.call("RemoveMatch", &rule, Flags::NO_REPLY_EXPECTED).await?;
        let unused = |name: &String| !self.tasks.values().any(|taken| taken.name.as_ref() == Some(name));
        if let Some(name) = name.filter(unused) {
            self.owners.remove(&name);
            self.asked.retain(|_, asked| *asked != Asked::Owner(name.clone()));
            self.call("RemoveMatch", &changes_of(&name), Flags::NO_REPLY_EXPECTED).await?;
        }
        Ok(())
    }

    /// Returns the unique name of a name's owner.
    pub(super) fn owner(&self, name: &str) -> Option<&str> {
        self.owners.get(name)?.as_deref()
    }

    /// Handles a message.
    pub(super) fn hear(&mut self, message: &Message) -> Option<Heard> {
        let header = message.header();
        match message.message_type() {
            Type::MethodCall => None,
            Type::Signal => {
                let is = |text, expected| text == Some(expected);
                if is(header.sender().map(|name| name.as_str()), BUS)
                    && is(header.member().map(|name| name.as_str()), "NameOwnerChanged")
                    && let Ok((name, _, new)) = message.body().deserialize::<(String, String, String)>()
                    && let Some(owner) = self.owners.get_mut(&name)
                {
                    *owner = (!new.is_empty()).then_some(new);
                }
                Some(Heard::Signal)
            }
            answer @ (Type::MethodReturn | Type::Error) => {
                match self.asked.remove(&header.reply_serial()?)? {
                    Asked::Match(task) if answer == Type::MethodReturn => Some(Heard::Taken(task)),
                    Asked::Match(task) => Some(Heard::Refused(task, said(message))),
                    Asked::Owner(name) => {
                        let owner = message.body().deserialize::<String>().ok();
                        // An error also contains a text.
                        let owner = owner.filter(|_| answer == Type::MethodReturn);
                        self.owners.insert(name, owner);
                        None
                    }
                }
            }
        }
    }

    async fn call(&self, method: &str, argument: &str, flags: Flags) -> zbus::Result<NonZeroU32> {
        let call = Message::method_call("/org/freedesktop/DBus", method);
        let call = call.destination(BUS).interface(BUS).with_flags(flags).build(&argument)?;
        self.bus.send(&call).await?;
        Ok(call.primary_header().serial_num())
    }
}

/// The name whose owner must be known to evaluate the rule. The bus itself uses its name as the
/// sender.
fn followed(rule: &Rule) -> Option<String> {
    match &rule.sender {
        Some(BusName::WellKnown(name)) if name.as_str() != BUS => Some(name.to_string()),
        _ => None,
    }
}

/// The rule for changes of a name's owner.
fn changes_of(name: &str) -> String {
    format!("type='signal',sender='{BUS}',interface='{BUS}',member='NameOwnerChanged',arg0='{name}'")
}

fn said(error: &Message) -> String {
    let name = error.header().error_name().map(ToString::to_string).unwrap_or_default();
    error.body().deserialize::<String>().unwrap_or(name)
}
