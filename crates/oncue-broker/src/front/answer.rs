//! Sends answers.

use oncue_core::{Answer, LedgerEntry, Refusal, RequestId};
use oncue_wire::hear::wants_answer;
use oncue_wire::{Code, Refused, convert, say};
use zbus::Message;

use super::outbox::Unsent;
use super::{Charge, PeerId, Question, Written};
use crate::event_loop::Loop;
use crate::promise::After;
use crate::store::StoreError;

impl Loop {
    /// Answers a client's request to the core. If the client has gone, the answer is dropped.
    pub(crate) fn answer(&mut self, request: RequestId, answer: Result<Answer, Refusal>) {
        let answer = match answer {
            Ok(answer) => answer,
            Err(refusal) => return self.refuse(request, &Refused::from(refusal)),
        };
        let Some(Question { peer, call, charge }) = self.questions.remove(&request) else { return };
        if !wants_answer(&call) {
            return;
        }
        let package = |family: &_| self.core.package(family).map(|package| self.package_info(package));
        match say::answer(&call, answer, package) {
            Ok(message) => self.reply(peer, message, charge),
            Err(error) => tracing::error!("writing an answer: {error}; not sent"),
        }
    }

    /// Answers with entries of the ledger; an app does not see the runs of others.
    pub(crate) fn answer_history(&mut self, request: RequestId, read: Result<Vec<LedgerEntry>, StoreError>) {
        let entries = match read {
            Ok(entries) => entries,
            Err(error) => {
                tracing::error!("reading the ledger: {error}; not shown");
                let message = format!("reading the ledger: {error}");
                return self.refuse(request, &Refused::new(Code::Fault, message, "see `oncue doctor`"));
            }
        };
        let Some(Question { peer, call, charge }) = self.questions.remove(&request) else { return };
        if !self.peers.contains_key(&peer) {
            return;
        }
        let caller = self.caller(peer);
        self.scribe.write((peer, call, charge), move || {
            let seen = entries.iter().filter(|entry| caller.may_steer(&entry.package)).map(convert::entry);
            seen.collect::<Vec<_>>()
        });
    }

    /// Called when a long answer has been written.
    pub(crate) fn written(&mut self, written: Written) {
        let Written { peer, charge, message } = written;
        match message {
            Ok(message) => self.answer_later(peer, message, charge),
            Err(error) => tracing::error!("writing an answer: {error}; not sent"),
        }
    }

    /// Refuses a client's request to the core.
    pub(crate) fn refuse(&mut self, request: RequestId, refused: &Refused) {
        if let Some(Question { peer, call, charge }) = self.questions.remove(&request)
            && let Some(message) = error_to(&call, refused)
        {
            self.reply(peer, message, charge);
        }
    }

    /// Refuses a call that did not reach the core.
    pub(super) fn refuse_call(&mut self, peer: PeerId, call: &Message, refused: &Refused, charge: Charge) {
        if let Some(message) = error_to(call, refused) {
            self.answer_later(peer, message, charge);
        }
    }

    /// Holds back an answer until everything that it depends on is recorded.
    pub(super) fn answer_later(&mut self, peer: PeerId, message: Message, charge: Charge) {
        self.promises.after.push(After::Answer(peer, message, charge));
    }

    /// Sends an answer.
    pub(crate) fn reply(&mut self, id: PeerId, message: Message, charge: Charge) {
        let Some(peer) = self.peers.get(&id) else { return };
        if let Err(unsent) = peer.outbox.answer(message, charge) {
            self.unsent(id, &unsent);
        }
    }

    /// Sends a message that is not an answer: a signal, or a call to a task server.
    pub(crate) fn send(&mut self, id: PeerId, message: Message) {
        let Some(peer) = self.peers.get(&id) else { return };
        if let Err(unsent) = peer.outbox.tell(message) {
            self.unsent(id, &unsent);
        }
    }

    /// Disconnects a client that lets too many messages wait; a connection that has closed ends by
    /// itself.
    fn unsent(&mut self, id: PeerId, unsent: &Unsent) {
        if matches!(unsent, Unsent::Full)
            && let Some(peer) = self.peers.remove(&id)
        {
            let pid = peer.process.pid.as_raw_nonzero();
            self.warnings.warn(&format!("a client does not read its messages; disconnected (process {pid})"));
        }
    }
}

/// Writes the refusal of a call, if the caller wants an answer.
pub(super) fn error_to(call: &Message, refused: &Refused) -> Option<Message> {
    if !wants_answer(call) {
        return None;
    }
    let written = say::refusal(call, refused);
    written.inspect_err(|error| tracing::error!("writing {}: {error}; not sent", refused.code.name())).ok()
}
