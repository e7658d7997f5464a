//! Dispatches a message: which method it calls, who may call it, and how it is handled.

use oncue_core::{CancellationReason, Event, InstanceId, Request, RequestId, ServerId, TaskId};
use oncue_wire::hear::{Reported, Requested, wants_answer};
use oncue_wire::interface::{Kind, Who, xml};
use oncue_wire::names::BROKER_INTERFACE;
use oncue_wire::{Ask, Call, Code, Method, Refused, ask, convert};
use zbus::{DynamicType, Message};

use super::calling::Speaker;
use super::{Charge, PeerId, Question};
use crate::event_loop::Loop;

/// How a call is handled.
pub(super) enum Heard {
    /// The answer is known.
    Answered(Message),
    /// The core or the store is asked and will answer.
    Asked(RequestId),
    /// These tasks are to be listed.
    Listed(Vec<TaskId>),
    /// No answer is needed.
    Nothing,
}

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Called {
    /// A method of the broker.
    Method(Method),
    /// The description of all interfaces.
    Introspect,
    /// Whether anybody is there.
    Ping,
    /// Something that the broker does not offer.
    Unknown,
}

impl Called {
    pub(super) fn of(message: &Message) -> Self {
        let header = message.header();
        let interface = header.interface().map(|interface| interface.as_str());
        let member = header.member().map_or("", |member| member.as_str());
        match (interface, member) {
            (Some("org.freedesktop.DBus.Introspectable"), "Introspect") => Self::Introspect,
            (Some("org.freedesktop.DBus.Peer"), "Ping") => Self::Ping,
            (None | Some(BROKER_INTERFACE), member) => {
                Method::named(member).map_or(Self::Unknown, Self::Method)
            }
            (Some(_), _) => Self::Unknown,
        }
    }
}

impl Loop {
    pub(super) fn hear(&mut self, id: PeerId, message: &Message) -> Result<Heard, Refused> {
        match Called::of(message) {
            Called::Method(method) => {
                self.may_call(id, method)?;
                if matches!(method.kind(), Kind::Look | Kind::List) {
                    self.watches.try_again();
                }
                self.hear_call(id, message, Call::read(method, message)?)
            }
            Called::Introspect => respond(message, &xml::xml()),
            Called::Ping => respond(message, &()),
            Called::Unknown => {
                let header = message.header();
                let interface = header.interface().map_or("", |interface| interface.as_str());
                let member = header.member().map_or("", |member| member.as_str());
                let message = format!("no method {interface}.{member}");
                Err(Refused::new(Code::UnknownMethod, message, "see docs/interface for the existing methods"))
            }
        }
    }

    fn may_call(&mut self, id: PeerId, method: Method) -> Result<(), Refused> {
        match method.who() {
            Who::Anyone | Who::Server => Ok(()),
            Who::App | Who::Tool(_) => self.caller(id).may_call(method),
        }
    }

    /// Handles a call; one row of the interface's table, one arm.
    fn hear_call(&mut self, id: PeerId, message: &Message, call: Call) -> Result<Heard, Refused> {
        match call {
            Call::Hello(call) => self.hello(id, message, &call),
            Call::Identity(ask::Identity) => answered::<ask::Identity>(message, &self.identity(id)?),
            Call::Register(call) => self.request(id, message, call),
            Call::Unregister(call) => self.request(id, message, call),
            Call::Tasks(call) => self.tasks(id, &call).map(Heard::Listed),
            Call::Find(call) => Ok(Heard::Listed(self.find(id, &call.named))),
            Call::Fire(call) => self.request(id, message, call),
            Call::Cancel(call) => self.request(id, message, call),
            Call::Release(call) => self.request(id, message, call),
            Call::Request(call) => self.request(id, message, call),
            Call::Signal(call) => self.request(id, message, call),
            Call::Pin(call) => self.request(id, message, call),
            Call::History(call) => self.history(id, message, &call),
            Call::HistoryBefore(call) => self.history_before(id, message, &call),
            Call::Watch(call) => self.watch(id, message, call.whose),
            Call::AddPackage(call) => Ok(self.add_package(id, message, call)),
            Call::RemovePackage(call) => self.remove_package(id, message, &call.family_name),
            Call::SetAccess(call) => self.request(id, message, call),
            Call::Packages(ask::Packages) => Ok(self.list_packages(id, message)),
            Call::Facts(ask::Facts) => answered::<ask::Facts>(message, &convert::facts(self.core.facts())),
            Call::About(ask::About) => answered::<ask::About>(message, &self.about()),
            Call::Stop(ask::Stop) => self.stop(message),
            Call::RegisterClass(call) => self.request(id, message, call),
            Call::RegisterClassSuspended(call) => self.request(id, message, call),
            Call::ResumeClasses(call) => self.request(id, message, call),
            Call::RevokeClass(call) => self.request(id, message, call),
            Call::Entered(call) => self.report(id, message, call),
            Call::SetProgress(call) => self.report(id, message, call),
            Call::Completed(call) => self.report(id, message, call),
            Call::Leave(call) => self.request(id, message, call),
        }
    }

    /// Passes a request to the core.
    fn request(&mut self, id: PeerId, message: &Message, call: impl Requested) -> Result<Heard, Refused> {
        let what = call.request(&mut Speaker { id, of: self })?;
        Ok(self.ask(id, message, what))
    }

    /// Passes a task server's report about a run to the core.
    fn report<M: Reported<Answer = ()>>(
        &mut self,
        id: PeerId,
        message: &Message,
        call: M,
    ) -> Result<Heard, Refused> {
        let server = self.server_of(id);
        let (instance, report) = call.report()?;
        self.note_meddling(id, server, instance);
        self.handle(Event::reported(server, instance, report));
        if wants_answer(message) { answered::<M>(message, &()) } else { Ok(Heard::Nothing) }
    }

    fn stop(&mut self, message: &Message) -> Result<Heard, Refused> {
        self.stopping = true;
        self.handle(Event::StopAsked { reason: CancellationReason::Terminating, within: None });
        answered::<ask::Stop>(message, &())
    }

    /// A started server presents its token; an empty one only asks for the version.
    fn hello(&mut self, id: PeerId, message: &Message, call: &ask::Hello) -> Result<Heard, Refused> {
        if !call.token.is_empty() {
            let server = self.processes.redeem(&call.token).ok_or_else(|| {
                let why = "the activation token is unknown or has been used";
                Refused::new(Code::AccessDenied, why, "let the broker start the task server")
            })?;
            self.bind(id, server);
        }
        answered::<ask::Hello>(message, &env!("CARGO_PKG_VERSION").to_owned())
    }

    /// The core does not hear who named another server's run; the log tells of it, once.
    fn note_meddling(&mut self, id: PeerId, server: ServerId, instance: InstanceId) {
        let Some(owner) = self.core.server_of_run(instance).filter(|owner| *owner != server) else { return };
        let Some(peer) = self.peers.get_mut(&id).filter(|peer| !peer.meddles) else { return };
        peer.meddles = true;
        let pid = peer.process.pid.as_raw_nonzero();
        self.warnings.warn(&format!(
            "a task server named another server's run {instance}; ignored (process {pid}, {server:?}; owner {owner:?})"
        ));
    }

    /// Asks the core; the answer finds its way back by the request's id.
    pub(super) fn ask(&mut self, id: PeerId, message: &Message, what: Request) -> Heard {
        let request = self.question(id, message);
        self.handle(Event::Asked { request, what });
        Heard::Asked(request)
    }

    /// Remembers who is to be answered.
    pub(super) fn question(&mut self, id: PeerId, message: &Message) -> RequestId {
        let request = self.next_request();
        let question = Question { peer: id, call: message.clone(), charge: Charge::default() };
        self.questions.insert(request, question);
        request
    }

    pub(crate) fn next_request(&mut self) -> RequestId {
        self.next_request += 1;
        RequestId(self.next_request)
    }
}

/// Builds the answer to a call of the method `M`.
pub(super) fn answered<M: Ask<Answer: DynamicType>>(
    call: &Message,
    answer: &M::Answer,
) -> Result<Heard, Refused> {
    respond(call, answer)
}

fn respond<B: serde::Serialize + DynamicType>(call: &Message, body: &B) -> Result<Heard, Refused> {
    Message::method_return(&call.header()).build(body).map(Heard::Answered).map_err(|error| {
        Refused::new(
            Code::Fault,
            format!("writing the answer: {error}"),
            "see the broker's log; `oncue doctor` shows where it is",
        )
    })
}
