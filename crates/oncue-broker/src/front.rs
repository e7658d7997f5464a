//! The front: clients and task servers at the socket, and clients on the session bus; their calls in, answers and
//! notices out.
//!
//! It knows the loop only as the receiver of its messages. The loop asks it for the next call, has the call
//! handled, and returns the answer.

mod account;
mod address;
mod bus;
mod calling;
mod connection;
mod door;
mod framing;
mod hear;
mod holders;
mod identify;
mod introduce;
mod listing;
mod log_in_folder;
pub(crate) mod look;
mod outbox;
mod pace;
pub(crate) mod peers;
mod places;
pub(crate) mod questions;
mod scribe;
pub(crate) mod turns;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use oncue_core::{
    Answer, Broker, Event, FamilyName, InstanceId, Notice, Refusal, Request, RequestId, ServerId, TaskId,
};
use oncue_wire::hear::{Requested, wants_answer};
use oncue_wire::interface::Who;
use oncue_wire::{Caller, Code, Member, Method, PackageInfo, Refused, Watched, say};
use serde::Serialize;
use tokio::sync::{Notify, mpsc};
use zbus::message::Type as MessageType;
use zbus::{DynamicType, Message};

use self::calling::Speaker;
use self::peers::{Admission, Peers};
use self::questions::{Question, Questions};
use self::scribe::Scribe;
use self::turns::Turns;
use crate::caller::Process;
use crate::clock;
use crate::inbox::Inbox;

pub(crate) use account::{Charge, Shared};
pub(crate) use address::Address;
pub(crate) use bus::OpenBus;
pub(crate) use door::{Listener, OpenDoor};
pub(crate) use hear::{Called, error_to, respond, unknown};
pub(crate) use holders::Holders;
pub(crate) use identify::Known;
pub(crate) use listing::Listing;
pub(crate) use peers::{Peer, Via};
pub(crate) use questions::{Call, Reply};
pub(crate) use turns::PeerId;

/// What a connection has for the loop, in this order.
#[derive(Debug)]
pub(crate) enum Waiting {
    /// A call.
    Call(Call),
    /// A call whose answer is being built.
    Listing(Listing),
    /// The end of the connection.
    End,
}

/// The clients, and what they wait for.
pub(crate) struct Front {
    peers: Peers,
    /// Whether the core knows that there are clients.
    told: bool,
    /// What waits for its turn.
    turns: Turns<Waiting>,
    questions: Questions,
    scribe: Scribe,
    /// Notified when there is room for another long answer.
    freed: Arc<Notify>,
}

/// Connections, and the order in which their calls are handled.
impl Front {
    /// Starts without connections.
    pub(crate) fn new(inbox: mpsc::Sender<Inbox>, shared: &Shared) -> io::Result<Self> {
        Ok(Self {
            peers: Peers::default(),
            told: false,
            turns: Turns::default(),
            questions: Questions::default(),
            scribe: Scribe::start(inbox)?,
            freed: shared.freed.clone(),
        })
    }

    /// Adds a connection, which may send calls only after [`let_speak`](Self::let_speak); returns the
    /// executable of its process.
    pub(crate) fn connected(&mut self, id: PeerId, peer: Peer) -> io::Result<PathBuf> {
        let executable = peer.process().executable();
        self.turns.open(id, peer.process().pid.as_raw_nonzero().get());
        self.peers.insert(id, peer);
        executable
    }

    /// Permits a connection to send calls.
    pub(crate) fn let_speak(&mut self, id: PeerId) {
        self.peers.let_speak(id);
    }

    /// Adds a call, which waits for its turn.
    pub(crate) fn received(&mut self, id: PeerId, call: Call) {
        self.turns.push(id, Waiting::Call(call));
    }

    /// Records that the other end has closed. Its earlier messages are still handled, unless they need an
    /// answer that it cannot read.
    pub(crate) fn no_more(&mut self, id: PeerId) {
        self.peers.other_end_closed(id);
        self.turns.push(id, Waiting::End);
        self.turns.unpark();
    }

    /// Removes a connection after its last message has been handled; returns the task server that was
    /// reached through it.
    pub(crate) fn closed(&mut self, id: PeerId) -> Option<ServerId> {
        self.turns.close(id);
        self.questions.forget(id);
        self.peers.remove(id)
    }

    /// Returns an event if the first client has come, or the last one has gone.
    pub(crate) fn clients(&mut self) -> Option<Event> {
        let any = self.peers.any();
        (std::mem::replace(&mut self.told, any) != any).then_some(Event::Clients { any })
    }

    /// Returns whether something waits for its turn.
    pub(crate) fn has_turns(&self) -> bool {
        self.turns.any()
    }

    /// Returns what has its turn next.
    pub(crate) fn next_turn(&mut self) -> Option<(PeerId, Waiting)> {
        self.turns.next()
    }

    /// Records how long a turn took.
    pub(crate) fn turn_took(&mut self, id: PeerId, took: Duration) {
        self.turns.done(id, took);
    }

    /// Returns what is notified when there is room for another long answer.
    pub(crate) fn freed(&self) -> Arc<Notify> {
        self.freed.clone()
    }

    /// Gives calls that wait for room a turn again.
    pub(crate) fn unpark(&mut self) {
        self.turns.unpark();
    }

    /// Refuses all calls that have not been handled, so that clients can ask the next broker, and waits at
    /// most `patience` until everything has gone out. The connections close when the result is dropped.
    pub(crate) async fn close(&mut self, patience: Duration) -> Vec<Peer> {
        let refused = Refused::from(Refusal::Stopping);
        while let Some((peer, waiting)) = self.turns.next() {
            if let Waiting::Call(Call { message, charge }) = waiting
                && let Some(message) = error_to(&message, &refused)
            {
                self.peers.reply(Reply { peer, message, charge });
            }
            self.turns.done(peer, Duration::ZERO);
        }
        let closing = self.peers.remove_all();
        let all_sent = async {
            for peer in &closing {
                peer.outbox_emptied().await;
            }
            tokio::task::yield_now().await;
        };
        let _ = tokio::time::timeout(patience, all_sent).await;
        closing
    }
}

/// Reading calls.
impl Front {
    /// Returns a call that has its turn, unless it has to wait or nobody would read its answer.
    pub(crate) fn admit(&mut self, id: PeerId, call: Call) -> Option<Call> {
        if call.message.message_type() != MessageType::MethodCall {
            return None;
        }
        let at_length = Called::of(&call.message).is_answered_at_length();
        match self.peers.admit(id, call, at_length) {
            Admission::Admitted(call) => Some(call),
            Admission::NoRoom(call) => {
                self.turns.park(id, Waiting::Call(call));
                None
            }
            Admission::Dropped => None,
        }
    }

    /// Reads a call of a method that the caller may call.
    pub(crate) fn read(
        &mut self,
        id: PeerId,
        method: Method,
        message: &Message,
        known: Known<'_>,
    ) -> Result<oncue_wire::Call, Refused> {
        if method.is_of_servers() {
            self.must_have_socket(id, method)?;
        }
        match method.who() {
            Who::Anyone | Who::Server => {}
            Who::App | Who::Tool(_) => self.peers.caller(id, known).may_call(method)?,
        }
        oncue_wire::Call::read(method, message)
    }

    /// Refuses what makes a client a task server, unless it has a connection of its own, over which runs can be
    /// delivered.
    pub(crate) fn must_have_socket(&self, id: PeerId, method: Method) -> Result<(), Refused> {
        match self.peers.via(id) {
            Some(Via::Socket) | None => Ok(()),
            Some(Via::Bus(_)) => {
                let message = format!("{} is not offered on the session bus", method.name());
                Err(Refused::new(
                    Code::NotSupported,
                    message,
                    "connect to the broker's socket, as the SDK does",
                ))
            }
        }
    }

    /// Reads what a call requests from the core.
    pub(crate) fn request(
        &mut self,
        id: PeerId,
        call: impl Requested,
        known: Known<'_>,
    ) -> Result<Request, Refused> {
        call.request(&mut Speaker { id, peers: &mut self.peers, known })
    }

    /// Identifies a caller.
    pub(crate) fn caller(&mut self, id: PeerId, known: Known<'_>) -> Caller {
        self.peers.caller(id, known)
    }

    /// Has all callers identified again, after packages have been added or removed.
    pub(crate) fn forget_callers(&mut self) {
        self.peers.forget_callers();
    }

    /// Records why the package beside a client's program was not added.
    pub(crate) fn package_refused(&mut self, id: PeerId, refused: Option<Refused>) {
        self.peers.package_refused(id, refused);
    }

    /// Remembers a call that the core or the store will answer.
    pub(crate) fn ask(&mut self, id: PeerId, message: &Message) -> RequestId {
        self.questions.ask(id, message)
    }

    /// Returns a number for a request whose answer no client waits for.
    pub(crate) fn number(&mut self) -> RequestId {
        self.questions.number()
    }

    /// Forgets a call that is refused instead.
    pub(crate) fn forget(&mut self, request: RequestId) {
        self.questions.take(request);
    }

    /// Returns whether a client still waits for the answer to a request.
    pub(crate) fn awaits(&self, request: RequestId) -> bool {
        self.questions.has(request)
    }

    /// Keeps the charge of a call until its question has been answered.
    pub(crate) fn charge(&mut self, request: RequestId, charge: Charge) {
        self.questions.charge(request, charge);
    }
}

/// Task servers and watchers.
impl Front {
    /// Binds a connection to a task server.
    pub(crate) fn bind(&mut self, id: PeerId, server: ServerId) {
        self.peers.bind(id, server);
    }

    /// Returns the task server of a connection. One that the broker did not start joins.
    pub(crate) fn server_of(&mut self, id: PeerId) -> ServerId {
        self.peers.server_of(id)
    }

    /// Returns whether a task server has a connection.
    pub(crate) fn reaches(&self, server: ServerId) -> bool {
        self.peers.reach(server)
    }

    /// Returns the process of a task server that has a connection.
    pub(crate) fn process_of(&self, server: ServerId) -> Option<&Process> {
        self.peers.process_of(server)
    }

    /// Logs once for each connection that its task server named another server's run.
    pub(crate) fn meddles(&mut self, id: PeerId, server: ServerId, run: InstanceId, owner: ServerId) {
        self.peers.meddles(id, server, run, owner);
    }

    /// Sends a task server a call that needs no answer.
    pub(crate) fn tell<M: Member>(&mut self, server: ServerId, order: &M) {
        self.peers.tell(server, order);
    }

    /// Starts to send a client the signals about its own or all tasks.
    pub(crate) fn watch(&mut self, id: PeerId, whose: Watched) {
        self.peers.watch(id, whose);
    }

    /// Sends a signal to everyone who watches the tasks of a package.
    pub(crate) fn announce(&mut self, package: &FamilyName, notice: &Notice) {
        // At the socket, the message is the same for all.
        let mut at_socket = None;
        for peer in self.peers.watching(package) {
            let written = match self.peers.via(peer) {
                Some(Via::Bus(name)) => say::signal(notice, Some(name)),
                Some(Via::Socket) | None => {
                    at_socket.get_or_insert_with(|| say::signal(notice, None)).clone()
                }
            };
            match written {
                Ok(message) => self.peers.send(peer, message),
                Err(error) => return tracing::error!("writing a notice: {error}; not sent"),
            }
        }
    }
}

/// Answers.
impl Front {
    /// Sends an answer.
    pub(crate) fn reply(&mut self, reply: Reply) {
        self.peers.reply(reply);
    }

    /// Sends the core's answer to a request; `package` describes a package. If the client has gone, the
    /// answer is dropped.
    pub(crate) fn answer(
        &mut self,
        request: RequestId,
        answer: Result<Answer, Refusal>,
        package: impl FnOnce(&FamilyName) -> Option<PackageInfo>,
    ) {
        let answer = match answer {
            Ok(answer) => answer,
            Err(refusal) => return self.refuse(request, &Refused::from(refusal)),
        };
        let Some(Question { peer, call, charge }) = self.questions.take(request) else { return };
        if !wants_answer(&call) {
            return;
        }
        match say::answer(&call, answer, package) {
            Ok(message) => self.peers.reply(Reply { peer, message, charge }),
            Err(error) => tracing::error!("writing an answer: {error}; not sent"),
        }
    }

    /// Refuses a request.
    pub(crate) fn refuse(&mut self, request: RequestId, refused: &Refused) {
        if let Some(Question { peer, call, charge }) = self.questions.take(request)
            && let Some(message) = error_to(&call, refused)
        {
            self.peers.reply(Reply { peer, message, charge });
        }
    }

    /// Answers a request at length, with a body that `body` returns for the caller. It is written by the
    /// scribe. If the client has gone, the answer is dropped.
    pub(crate) fn answer_at_length<B: Serialize + DynamicType, F: FnOnce() -> B + Send + 'static>(
        &mut self,
        request: RequestId,
        known: Known<'_>,
        body: impl FnOnce(Caller) -> F,
    ) {
        let Some(question) = self.questions.take(request) else { return };
        if self.peers.has(question.peer) {
            let caller = self.peers.caller(question.peer, known);
            self.scribe.write(question, body(caller));
        }
    }

    /// Starts a list of tasks as the answer to a call.
    pub(crate) fn list(&mut self, peer: PeerId, call: Call, tasks: Vec<TaskId>, core: &Broker) {
        let Call { message, charge } = call;
        let question = Question { peer, call: message, charge };
        self.list_on(peer, Listing::new(question, tasks), core);
    }

    /// Adds some more tasks to a list. If it is not complete, it waits for its next turn.
    pub(crate) fn list_on(&mut self, peer: PeerId, mut listing: Listing, core: &Broker) {
        if self.peers.is_gone(peer) {
            return;
        }
        listing.add_some(clock::now(), core);
        if !listing.is_complete() {
            return self.turns.put_back(peer, Waiting::Listing(listing));
        }
        let (question, shown) = listing.finish();
        self.scribe.write(question, move || shown);
    }
}
