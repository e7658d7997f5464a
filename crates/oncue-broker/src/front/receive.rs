//! Handles received calls in turn.

use std::time::{Duration, Instant};

use oncue_core::{Refusal, RequestId};
use oncue_wire::Refused;
use oncue_wire::interface::Kind;
use zbus::Message;
use zbus::message::Type as MessageType;

use super::answer::error_to;
use super::hear::{Called, Heard};
use super::{Call, Charge, Listing, PeerId, Waiting};
use crate::event_loop::Loop;

/// How many calls are handled before the loop does anything else.
const CALLS: usize = 64;

/// How long calls are handled before the loop does anything else.
const WHILE: Duration = Duration::from_micros(50);

impl Loop {
    /// Handles the calls whose turn it is, as long as others can wait.
    pub(crate) fn take_turns(&mut self) {
        let begin = Instant::now();
        let mut last = begin;
        for _ in 0..CALLS {
            let Some((id, waiting)) = self.turns.next() else { return };
            match waiting {
                Waiting::Call(call) => self.received(id, call),
                Waiting::Listing(listing) => self.list_on(id, listing),
                Waiting::End => self.closed(id),
            }
            let now = Instant::now();
            self.turns.done(id, now - last);
            last = now;
            if now - begin >= WHILE {
                return;
            }
        }
    }

    /// The other end has closed. Its earlier messages are still handled, unless they need an answer
    /// that it cannot read.
    pub(crate) fn no_more(&mut self, id: PeerId) {
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.gone = true;
        }
        self.turns.push(id, Waiting::End);
        self.turns.unpark();
    }

    /// When the broker ends, refuses all calls that have not been handled, so that clients can ask
    /// the next one.
    pub(crate) fn refuse_unheard(&mut self) {
        let refused = Refused::from(Refusal::Stopping);
        while let Some((id, waiting)) = self.turns.next() {
            if let Waiting::Call(Call { message, charge }) = waiting
                && let Some(answer) = error_to(&message, &refused)
            {
                self.reply(id, answer, charge);
            }
            self.turns.done(id, Duration::ZERO);
        }
    }

    fn received(&mut self, id: PeerId, call: Call) {
        let Call { message, mut charge } = call;
        // Messages of a client that was disconnected may still be in the queue.
        let Some(peer) = self.peers.get(&id) else { return };
        if message.message_type() != MessageType::MethodCall {
            return;
        }
        if is_answered_at_length(&message) {
            if peer.gone {
                // Nobody would read the answer.
                return;
            }
            if !peer.account.reserve_answer(&mut charge) {
                return self.turns.park(id, Waiting::Call(Call { message, charge }));
            }
        }
        match self.hear(id, &message) {
            Ok(Heard::Answered(answer)) => self.answer_later(id, answer, charge),
            Ok(Heard::Asked(request)) => self.charge(request, charge),
            Ok(Heard::Listed(tasks)) => self.list_on(id, Listing::new(message, charge, tasks)),
            Ok(Heard::Nothing) => {}
            Err(refused) => self.refuse_call(id, &message, &refused, charge),
        }
    }

    fn charge(&mut self, request: RequestId, charge: Charge) {
        if let Some(question) = self.questions.get_mut(&request) {
            question.charge = charge;
        }
    }
}

/// Returns whether the answer to a call may be long.
fn is_answered_at_length(call: &Message) -> bool {
    match Called::of(call) {
        Called::Method(method) => method.kind() == Kind::List,
        Called::Introspect => true,
        Called::Ping | Called::Unknown => false,
    }
}
