//! Answers on their way out.

use oncue_core::{Answer, LedgerEntry, Refusal, RequestId};
use oncue_wire::hear::wants_answer;
use oncue_wire::{Code, Refused, convert, say};
use serde::Serialize;
use zbus::Message;
use zbus::zvariant::DynamicType;

use super::{PeerId, Question};
use crate::event_loop::Loop;
use crate::promise::After;
use crate::store::StoreError;

impl Loop {
    /// Answers what a client asked the core; a client that has gone is not missed.
    pub(crate) fn answer(&mut self, request: RequestId, answer: Result<Answer, Refusal>) {
        let answer = match answer {
            Ok(answer) => answer,
            Err(refusal) => return self.refuse(request, &Refused::from(refusal)),
        };
        let Some(Question { peer, call, .. }) = self.questions.remove(&request) else { return };
        if !wants_answer(&call) {
            return;
        }
        let package = |family: &_| self.core.package(family).map(|package| self.package_info(package));
        match say::answer(&call, answer, package) {
            Ok(message) => self.send(peer, message),
            Err(error) => tracing::error!("writing an answer: {error}; not sent"),
        }
    }

    /// Answers with what the ledger has; an app does not learn of others' runs.
    pub(crate) fn answer_history(&mut self, request: RequestId, read: Result<Vec<LedgerEntry>, StoreError>) {
        let entries = match read {
            Ok(entries) => entries,
            Err(error) => {
                tracing::error!("reading the ledger: {error}; not shown");
                let message = format!("reading the ledger: {error}");
                return self.refuse(request, &Refused::new(Code::Fault, message, "see `oncue doctor`"));
            }
        };
        let Some(peer) = self.questions.get(&request).map(|question| question.peer) else { return };
        let caller = self.caller(peer);
        let seen = entries.iter().filter(|entry| caller.may_steer(&entry.package)).map(convert::entry);
        let seen: Vec<_> = seen.collect();
        self.answer_with(request, &seen);
    }

    /// Answers a question with what the shell has found out.
    pub(crate) fn answer_with<B: Serialize + DynamicType>(&mut self, request: RequestId, body: &B) {
        let Some(Question { peer, call }) = self.questions.remove(&request) else { return };
        match Message::method_return(&call.header()).build(body) {
            Ok(message) => self.send(peer, message),
            Err(error) => tracing::error!("writing an answer: {error}; not sent"),
        }
    }

    /// Refuses what a client asked the core.
    pub(crate) fn refuse(&mut self, request: RequestId, refused: &Refused) {
        if let Some(Question { peer, call, .. }) = self.questions.remove(&request)
            && let Some(message) = error(&call, refused)
        {
            self.send(peer, message);
        }
    }

    /// Refuses a call that did not reach the core.
    pub(super) fn refuse_call(&mut self, peer: PeerId, call: &Message, refused: &Refused) {
        if let Some(message) = error(call, refused) {
            self.answer_later(peer, message);
        }
    }

    /// Keeps an answer until what it may rest on is recorded.
    pub(super) fn answer_later(&mut self, peer: PeerId, message: Message) {
        self.promises.after.push(After::Answer(peer, message));
    }

    /// Puts a message into a connection's outbox; a client that lets too many wait is cut off.
    pub(crate) fn send(&mut self, id: PeerId, message: Message) {
        let Some(peer) = self.peers.get(&id) else { return };
        if peer.outbox.try_send(message).is_err() {
            tracing::warn!(pid = peer.process.pid.as_raw_nonzero(), "a client does not read; cut off");
            self.peers.remove(&id);
        }
    }
}

fn error(call: &Message, refused: &Refused) -> Option<Message> {
    if !wants_answer(call) {
        return None;
    }
    let written = say::refusal(call, refused);
    written.inspect_err(|error| tracing::error!("writing {}: {error}; not sent", refused.code.name())).ok()
}
