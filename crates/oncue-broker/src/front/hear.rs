//! A message has come: which method, from whom, and what becomes of it.

use oncue_core::{Event, InstanceId, Request, RequestId, ServerId, TaskId};
use oncue_wire::hear::{body, of_run, wants_answer};
use oncue_wire::interface::Method;
use oncue_wire::names::BROKER_INTERFACE;
use oncue_wire::{Code, Refused};
use zbus::Message;

use super::{Charge, PeerId, Question};
use crate::event_loop::Loop;

/// What becomes of a call.
pub(super) enum Heard {
    /// The answer is known.
    Answered(Message),
    /// The core or the store is asked and will answer.
    Asked(RequestId),
    /// These tasks are to be listed.
    Listed(Vec<TaskId>),
    /// No answer is wanted.
    Nothing,
}

impl Loop {
    pub(super) fn hear(&mut self, id: PeerId, message: &Message) -> Result<Heard, Refused> {
        let header = message.header();
        let interface = header.interface().map(|interface| interface.as_str());
        let member = header.member().map_or("", |member| member.as_str());
        if interface == Some("org.freedesktop.DBus.Introspectable") && member == "Introspect" {
            return answered(message, &oncue_wire::interface::xml());
        }
        if interface == Some("org.freedesktop.DBus.Peer") && member == "Ping" {
            return answered(message, &());
        }
        let method = Method::named(member).filter(|_| interface.is_none_or(|name| name == BROKER_INTERFACE));
        let Some(method) = method else {
            let message = format!("no method {}.{member}", interface.unwrap_or_default());
            return Err(Refused::new(
                Code::UnknownMethod,
                message,
                "see docs/interface for the existing methods",
            ));
        };
        match method {
            Method::Entered | Method::SetProgress | Method::Completed => {
                self.hear_of_run(id, method, message)
            }
            Method::Hello => self.hello(id, message),
            Method::RegisterClass
            | Method::RegisterClassSuspended
            | Method::ResumeClasses
            | Method::RevokeClass
            | Method::Leave => self.hear_server(id, method, message),
            Method::Register
            | Method::Unregister
            | Method::Fire
            | Method::Cancel
            | Method::Release
            | Method::Request
            | Method::Signal
            | Method::Pin
            | Method::SetAccess
            | Method::Stop => self.hear_client(id, method, message),
            Method::AddPackage | Method::RemovePackage => self.hear_of_package(id, method, message),
            Method::Identity
            | Method::Tasks
            | Method::Find
            | Method::History
            | Method::HistoryBefore
            | Method::Watch
            | Method::Packages
            | Method::Facts
            | Method::About => self.look(id, method, message),
        }
    }

    /// A started server shows its token; an empty one only asks for the version.
    fn hello(&mut self, id: PeerId, message: &Message) -> Result<Heard, Refused> {
        let token: String = body(message)?;
        if !token.is_empty() {
            let server = self.processes.redeem(&token).ok_or_else(|| {
                let why = "the activation token is unknown or has been used";
                Refused::new(Code::AccessDenied, why, "let the broker start the task server")
            })?;
            self.bind(id, server);
        }
        answered(message, &env!("CARGO_PKG_VERSION"))
    }

    fn bind(&mut self, id: PeerId, server: ServerId) {
        self.reached_by.insert(server, id);
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.server = Some(server);
        }
    }

    /// Returns the server that a connection is; one that nobody started joins.
    pub(super) fn server_of(&mut self, id: PeerId) -> ServerId {
        let known = self.peers.get(&id).and_then(|peer| peer.server);
        known.unwrap_or_else(|| {
            let server = ServerId::Joined(id.0);
            self.bind(id, server);
            server
        })
    }

    fn hear_of_run(&mut self, id: PeerId, method: Method, message: &Message) -> Result<Heard, Refused> {
        let server = self.server_of(id);
        let (instance, report) = of_run(method, message)?;
        self.note_meddling(id, server, instance);
        self.handle(Event::reported(server, instance, report));
        if wants_answer(message) { answered(message, &()) } else { Ok(Heard::Nothing) }
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

/// Makes the answer to a call.
pub(super) fn answered<B: serde::Serialize + zbus::DynamicType>(
    call: &Message,
    body: &B,
) -> Result<Heard, Refused> {
    Message::method_return(&call.header()).build(body).map(Heard::Answered).map_err(|error| {
        Refused::new(
            Code::Fault,
            format!("writing the answer: {error}"),
            "see the broker's log; `oncue doctor` shows where it is",
        )
    })
}
