//! Finds the distributor on the bus, registers with it, and accepts messages only from it.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;

use oncue_core::TaskId;
use zbus::Variant as Value;
use zbus::message::{Flags, Type};
use zbus::{Connection, Message};

use super::words::{self, Said};

/// The trouble reported for a task while there is no distributor.
pub(super) const NONE: &str =
    "no UnifiedPush distributor is on the session bus: install one, as KUnifiedPush, and start it";

/// The name under which distributors find this broker.
const OURS: &str = "org.oncue.Push";
/// The beginning of the names of distributors.
const THEIRS: &str = "org.unifiedpush.Distributor";
const THEIR_PATH: &str = "/org/unifiedpush/Distributor";
const BUS: &str = "org.freedesktop.DBus";

/// Why the bus can no longer be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Lost {
    /// It has closed the connection.
    #[error("the session bus closed the connection")]
    Ended,
    /// It cannot be reached.
    #[error("the session bus: {0}")]
    Bus(#[from] zbus::Error),
}

/// What an answer is for.
#[derive(Debug)]
enum Asked {
    Names,
    /// The owner of this name.
    Owner(String),
    /// A registration; whether with the second version of the interface.
    Register(TaskId, bool),
}

/// The distributors on a bus.
pub(super) struct Distributor {
    bus: Connection,
    asked: HashMap<NonZeroU32, Asked>,
    /// The running ones, by name, with the unique names of their owners.
    there: BTreeMap<String, String>,
    /// Whether the bus has listed its names.
    looked: bool,
}

impl Distributor {
    pub(super) fn on(bus: Connection) -> Self {
        Self { bus, asked: HashMap::new(), there: BTreeMap::new(), looked: false }
    }

    /// Starts to look for distributors; the answers arrive as messages.
    pub(super) async fn look(&mut self) -> Result<(), Lost> {
        let changes = format!(
            "type='signal',sender='{BUS}',interface='{BUS}',member='NameOwnerChanged',arg0namespace='{THEIRS}'"
        );
        self.ask_bus("RequestName", &(OURS, 4_u32)).await?;
        self.ask_bus("AddMatch", &changes).await?;
        let serial = self.ask_bus("ListNames", &()).await?;
        self.asked.insert(serial, Asked::Names);
        Ok(())
    }

    /// Whether there is a distributor; `None` while that is unknown.
    pub(super) fn is_there(&self) -> Option<bool> {
        self.looked.then_some(!self.there.is_empty())
    }

    /// Requests a task's messages, with the newer version of the interface first.
    pub(super) async fn register(&mut self, task: TaskId) -> Result<(), Lost> {
        let token = task.to_string();
        let arguments = HashMap::from([
            ("service", Value::from(OURS)),
            ("token", Value::from(token)),
            ("description", Value::from("oncue")),
        ]);
        self.ask("org.unifiedpush.Distributor2", "Register", &arguments, Some(Asked::Register(task, true)))
            .await
    }

    async fn register_as_of_old(&mut self, task: TaskId) -> Result<(), Lost> {
        let arguments = (OURS, task.to_string(), "oncue");
        let asked = Asked::Register(task, false);
        self.ask("org.unifiedpush.Distributor1", "Register", &arguments, Some(asked)).await
    }

    /// Ends the delivery of a task's messages, with both versions of the interface: errors of the
    /// one that does not exist are ignored.
    pub(super) async fn unregister(&mut self, task: TaskId) -> Result<(), Lost> {
        let token = task.to_string();
        let named = HashMap::from([("token", Value::from(token.as_str()))]);
        self.ask("org.unifiedpush.Distributor2", "Unregister", &named, None).await?;
        self.ask("org.unifiedpush.Distributor1", "Unregister", &token, None).await
    }

    /// Handles a message.
    pub(super) async fn hear(&mut self, message: &Message) -> Result<Said, Lost> {
        let header = message.header();
        let sender = header.sender().map(|name| name.as_str().to_owned()).unwrap_or_default();
        match message.message_type() {
            Type::MethodCall => {
                if !message.primary_header().flags().contains(Flags::NO_REPLY_EXPECTED) {
                    self.bus.send(&Message::method_return(&header).build(&())?).await?;
                }
                let known = self.there.values().any(|owner| *owner == sender);
                Ok(if known { words::call(message) } else { Said::Nothing })
            }
            Type::Signal if sender == BUS => {
                let changed = message.body().deserialize::<(String, String, String)>();
                Ok(changed.map_or(Said::Nothing, |(name, _, new)| self.owner_is(name, new)))
            }
            Type::Signal => Ok(Said::Nothing),
            answer @ (Type::MethodReturn | Type::Error) => {
                let asked = header.reply_serial().and_then(|serial| self.asked.remove(&serial));
                match asked {
                    Some(asked) => self.answered(asked, message, answer == Type::MethodReturn).await,
                    None => Ok(Said::Nothing),
                }
            }
        }
    }

    async fn answered(&mut self, asked: Asked, answer: &Message, good: bool) -> Result<Said, Lost> {
        Ok(match asked {
            Asked::Names => {
                let names: Vec<String> = answer.body().deserialize().unwrap_or_default();
                let theirs: Vec<String> = names.into_iter().filter(|name| is_theirs(name)).collect();
                let none = theirs.is_empty();
                self.looked = none;
                for name in theirs {
                    let serial = self.ask_bus("GetNameOwner", &name).await?;
                    self.asked.insert(serial, Asked::Owner(name));
                }
                if none { Said::Went } else { Said::Nothing }
            }
            Asked::Owner(name) => {
                let owner = answer.body().deserialize::<String>().ok().filter(|_| good);
                owner.map_or(Said::Nothing, |owner| self.owner_is(name, owner))
            }
            Asked::Register(task, second) if good => words::registered(task, answer, second),
            Asked::Register(task, true) => {
                self.register_as_of_old(task).await?;
                Said::Nothing
            }
            Asked::Register(task, false) => {
                let name = answer.header().error_name().map(ToString::to_string).unwrap_or_default();
                Said::Refused(task, answer.body().deserialize::<String>().unwrap_or(name))
            }
        })
    }

    /// Records the owner of a name. The first distributor in alphabetical order is used.
    fn owner_is(&mut self, name: String, owner: String) -> Said {
        if !is_theirs(&name) {
            return Said::Nothing;
        }
        let before = self.there.first_key_value().map(|(name, owner)| (name.clone(), owner.clone()));
        self.looked = true;
        if owner.is_empty() {
            self.there.remove(&name);
        } else {
            self.there.insert(name, owner);
        }
        match self.there.first_key_value().map(|(name, owner)| (name.clone(), owner.clone())) {
            None => Said::Went,
            now if now == before => Said::Nothing,
            Some(_) => Said::Came,
        }
    }

    async fn ask(
        &mut self,
        interface: &str,
        method: &str,
        body: &(impl serde::Serialize + zbus::DynamicType),
        asked: Option<Asked>,
    ) -> Result<(), Lost> {
        let Some(name) = self.there.keys().next().cloned() else { return Ok(()) };
        let flags = if asked.is_some() { Flags::NO_AUTO_START } else { Flags::NO_REPLY_EXPECTED };
        let call = Message::method_call(THEIR_PATH, method).destination(name.as_str()).interface(interface);
        let call = call.with_flags(flags).build(body)?;
        self.bus.send(&call).await?;
        if let Some(asked) = asked {
            self.asked.insert(call.primary_header().serial_num(), asked);
        }
        Ok(())
    }

    async fn ask_bus(
        &self,
        method: &str,
        body: &(impl serde::Serialize + zbus::DynamicType),
    ) -> Result<NonZeroU32, Lost> {
        let call = Message::method_call("/org/freedesktop/DBus", method);
        let call = call.destination(BUS).interface(BUS).build(body)?;
        self.bus.send(&call).await?;
        Ok(call.primary_header().serial_num())
    }
}

fn is_theirs(name: &str) -> bool {
    name.strip_prefix(THEIRS).is_some_and(|rest| rest.starts_with('.') && rest.len() > 1)
}
