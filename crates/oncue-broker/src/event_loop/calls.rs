//! Handles the calls of clients in turn: each is passed to one owner.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use oncue_core::{CancellationReason, Consent, Event, FamilyName, LedgerEntry, Request, RequestId, TaskId};
use oncue_wire::hear::{Reported, Requested, wants_answer};
use oncue_wire::interface::{Kind, xml};
use oncue_wire::names::BROKER_PATH;
use oncue_wire::{Ask, Caller, Code, Method, Refused, Watched, ask, convert};
use zbus::{DynamicType, Message};

use super::Loop;
use crate::clock;
use crate::front::{Call, Called, Known, PeerId, Reply, Waiting, error_to, look, respond, unknown};
use crate::recorder::Wanted;
use crate::store::{Of, StoreError};

/// How many calls are handled before the loop does anything else.
const CALLS: usize = 64;

/// How long calls are handled before the loop does anything else.
const WHILE: Duration = Duration::from_micros(50);

/// How a call is handled.
enum Heard {
    /// The answer is known.
    Answered(Message),
    /// The core, the store or the finder is asked, which leads to an answer.
    Asked(RequestId),
    /// These tasks are to be listed.
    Listed(Vec<TaskId>),
    /// No answer is needed.
    Nothing,
}

impl Loop {
    /// Handles the calls whose turn it is, as long as others can wait.
    pub(super) fn take_turns(&mut self) {
        let begin = Instant::now();
        let mut last = begin;
        for _ in 0..CALLS {
            let Some((id, waiting)) = self.front.next_turn() else { return };
            match waiting {
                Waiting::Call(call) => self.take_call(id, call),
                Waiting::Listing(listing) => self.front.list_on(id, listing, &self.core),
                Waiting::End => self.closed(id),
            }
            let now = Instant::now();
            self.front.turn_took(id, now - last);
            last = now;
            if now - begin >= WHILE {
                return;
            }
        }
    }

    fn take_call(&mut self, peer: PeerId, call: Call) {
        let Some(call) = self.front.admit(peer, call) else { return };
        let heard = self.hear(peer, &call.message);
        let Call { message, charge } = call;
        match heard {
            Ok(Heard::Answered(message)) => self.promises.reply(Reply { peer, message, charge }),
            Ok(Heard::Asked(request)) => self.front.charge(request, charge),
            Ok(Heard::Listed(tasks)) => self.front.list(peer, Call { message, charge }, tasks, &self.core),
            Ok(Heard::Nothing) => {}
            Err(refused) => {
                if let Some(message) = error_to(&message, &refused) {
                    self.promises.reply(Reply { peer, message, charge });
                }
            }
        }
    }

    fn hear(&mut self, id: PeerId, message: &Message) -> Result<Heard, Refused> {
        match Called::of(message) {
            Called::Method(method) => {
                let known = Known { core: &self.core, packages: self.hosts.packages() };
                let call = self.front.read(id, method, message, known)?;
                if matches!(method.kind(), Kind::Look | Kind::List) {
                    self.watches.try_again();
                }
                self.hear_call(id, message, call)
            }
            Called::Introspect => {
                let header = message.header();
                let path = header.path().map_or(BROKER_PATH, |path| path.as_str());
                respond(message, &xml::at(path)).map(Heard::Answered)
            }
            Called::Ping => respond(message, &()).map(Heard::Answered),
            Called::BusHello => respond(message, &id.bus_name()).map(Heard::Answered),
            Called::Unknown => Err(unknown(message)),
        }
    }

    /// Handles a call: one arm for each row of the interface's table.
    fn hear_call(&mut self, id: PeerId, message: &Message, call: oncue_wire::Call) -> Result<Heard, Refused> {
        use oncue_wire::Call;
        match call {
            Call::Hello(call) => self.hello(id, message, &call.token),
            Call::Identity(ask::Identity) => self.identity(id, message),
            Call::Register(call) => self.request(id, message, call),
            Call::AddCommand(call) => self.request(id, message, call),
            Call::ChangeCommand(call) => self.request(id, message, call),
            Call::CheckCommands(call) => {
                let refused = look::check(&self.core, clock::now(), &call)?;
                answer::<ask::CheckCommands>(message, &refused)
            }
            Call::ReportProgress(call) => self.request(id, message, call),
            Call::Unregister(call) => self.request(id, message, call),
            Call::Tasks(call) => look::tasks(&self.caller(id), &call, &self.core).map(Heard::Listed),
            Call::Find(call) => Ok(Heard::Listed(look::find(&self.caller(id), &call.named, &self.core))),
            Call::Fire(call) => self.request(id, message, call),
            Call::Cancel(call) => self.request(id, message, call),
            Call::Release(call) => self.request(id, message, call),
            Call::Pause(call) => self.request(id, message, call),
            Call::Resume(call) => self.request(id, message, call),
            Call::Request(call) => self.request(id, message, call),
            Call::Signal(call) => self.request(id, message, call),
            Call::Pin(call) => self.request(id, message, call),
            Call::History(call) => {
                let wanted = look::history(&self.caller(id), &call)?;
                self.read_ledger(id, message, wanted)
            }
            Call::HistoryBefore(call) => {
                let wanted = look::history_before(&self.caller(id), &call)?;
                self.read_ledger(id, message, wanted)
            }
            Call::Watch(call) => self.watch(id, message, call.whose),
            Call::AddPackage(call) => Ok(self.add_package(id, message, call)),
            Call::RemovePackage(call) => self.remove_package(id, message, &call.family_name),
            Call::SetAccess(call) => self.request(id, message, call),
            Call::Packages(ask::Packages) => Ok(self.list_packages(id, message)),
            Call::Facts(ask::Facts) => answer::<ask::Facts>(message, &convert::facts(self.core.facts())),
            Call::About(ask::About) => answer::<ask::About>(
                message,
                &look::about(&self.core, &self.place, (self.started, self.started_at)),
            ),
            Call::Stop(ask::Stop) => {
                self.stop(CancellationReason::Terminating);
                answer::<ask::Stop>(message, &())
            }
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

    /// Identifies a caller.
    fn caller(&mut self, id: PeerId) -> Caller {
        self.front.caller(id, Known { core: &self.core, packages: self.hosts.packages() })
    }

    /// Passes a request to the core; the answer is matched by the request's number.
    fn ask(&mut self, id: PeerId, message: &Message, what: Request) -> Heard {
        let request = self.front.ask(id, message);
        self.handle(Event::Asked { request, what });
        Heard::Asked(request)
    }

    /// Passes a call to the core as a request.
    fn request(&mut self, id: PeerId, message: &Message, call: impl Requested) -> Result<Heard, Refused> {
        let known = Known { core: &self.core, packages: self.hosts.packages() };
        let what = self.front.request(id, call, known)?;
        Ok(self.ask(id, message, what))
    }

    /// Passes a task server's report about a run to the core, which ignores reports about another server's
    /// run.
    fn report<M: Reported<Answer = ()>>(
        &mut self,
        id: PeerId,
        message: &Message,
        call: M,
    ) -> Result<Heard, Refused> {
        let server = self.front.server_of(id);
        let (instance, report) = call.report()?;
        if let Some(owner) = self.core.server_of_run(instance).filter(|owner| *owner != server) {
            self.front.meddles(id, server, instance, owner);
        }
        self.handle(Event::reported(server, instance, report));
        if wants_answer(message) { answer::<M>(message, &()) } else { Ok(Heard::Nothing) }
    }

    /// Binds a connection to the task server that was started with this token. An empty one only asks for
    /// the version.
    fn hello(&mut self, id: PeerId, message: &Message, token: &str) -> Result<Heard, Refused> {
        if !token.is_empty() {
            self.front.must_have_socket(id, Method::Hello)?;
            let server = self.hosts.redeem(token).ok_or_else(|| {
                let why = "the activation token is unknown or has been used";
                Refused::new(Code::AccessDenied, why, "let the broker start the task server")
            })?;
            self.front.bind(id, server);
        }
        answer::<ask::Hello>(message, &env!("CARGO_PKG_VERSION").to_owned())
    }

    fn identity(&mut self, id: PeerId, message: &Message) -> Result<Heard, Refused> {
        let caller = self.caller(id);
        let identity = self.hosts.packages().identity(caller.package()?, &self.core, &self.place)?;
        answer::<ask::Identity>(message, &identity)
    }

    fn watch(&mut self, id: PeerId, message: &Message, whose: Watched) -> Result<Heard, Refused> {
        look::may_see(&self.caller(id), whose)?;
        self.front.watch(id, whose);
        answer::<ask::Watch>(message, &())
    }

    fn add_package(&mut self, id: PeerId, message: &Message, call: ask::AddPackage) -> Heard {
        let consent = if call.allow_downgrade { Consent::Insisted } else { Consent::Offered };
        let request = self.front.ask(id, message);
        self.hosts.offered(request, PathBuf::from(call.folder), consent);
        Heard::Asked(request)
    }

    fn remove_package(&mut self, id: PeerId, message: &Message, family: &str) -> Result<Heard, Refused> {
        let family = FamilyName::new(family);
        let caller = self.caller(id);
        if !caller.may_steer(&family) {
            caller.must_be_tool("remove other packages")?;
        }
        let heard = self.ask(id, message, Request::RemovePackage(family.clone()));
        self.let_go(&family);
        Ok(heard)
    }

    fn list_packages(&mut self, id: PeerId, message: &Message) -> Heard {
        let request = self.front.ask(id, message);
        self.hosts.list(request);
        Heard::Asked(request)
    }

    /// Has the recorder read the ledger, which leads to an answer.
    fn read_ledger(&mut self, id: PeerId, message: &Message, wanted: (Of, Wanted)) -> Result<Heard, Refused> {
        let request = self.front.ask(id, message);
        match self.promises.read(request, wanted, self.core.unwritable()) {
            Ok(()) => Ok(Heard::Asked(request)),
            Err(refused) => {
                self.front.forget(request);
                Err(refused)
            }
        }
    }

    /// Answers with entries of the ledger.
    pub(super) fn answer_history(&mut self, request: RequestId, read: Result<Vec<LedgerEntry>, StoreError>) {
        match read {
            Ok(entries) => {
                let known = Known { core: &self.core, packages: self.hosts.packages() };
                let body = |caller| move || look::entries(&entries, &caller);
                self.front.answer_at_length(request, known, body);
            }
            Err(error) => {
                tracing::error!("reading the ledger: {error}; not shown");
                let message = format!("reading the ledger: {error}");
                self.front.refuse(request, &Refused::new(Code::Fault, message, "see `oncue doctor`"));
            }
        }
    }
}

/// Answers a call of the method `M`.
fn answer<M: Ask<Answer: DynamicType>>(call: &Message, answer: &M::Answer) -> Result<Heard, Refused> {
    respond(call, answer).map(Heard::Answered)
}
