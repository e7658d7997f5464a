//! Calls: as they are received, while the core or the store has not answered them, and their answers.

use std::collections::HashMap;

use oncue_core::RequestId;
use zbus::Message;

use super::account::Charge;
use super::turns::PeerId;

/// A received call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) message: Message,
    /// What the call is charged until its answer has been written.
    pub(crate) charge: Charge,
}

/// An answer to a call.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) peer: PeerId,
    pub(crate) message: Message,
    /// The charge of the call.
    pub(crate) charge: Charge,
}

/// A call that has not been answered yet.
#[derive(Debug)]
pub(crate) struct Question {
    /// Who asked.
    pub(super) peer: PeerId,
    /// The call, for the header of its answer.
    pub(super) call: Message,
    /// The charge of the call.
    pub(super) charge: Charge,
}

/// The calls that have not been answered yet, by the number of the request that will be.
#[derive(Debug, Default)]
pub(super) struct Questions {
    open: HashMap<RequestId, Question>,
    last: u64,
}

impl Questions {
    /// Returns a new number for a request.
    pub(super) fn number(&mut self) -> RequestId {
        self.last += 1;
        RequestId(self.last)
    }

    /// Remembers a call; its charge is added with [`charge`](Self::charge) unless it has been answered by
    /// then.
    pub(super) fn ask(&mut self, peer: PeerId, call: &Message) -> RequestId {
        let request = self.number();
        self.open.insert(request, Question { peer, call: call.clone(), charge: Charge::default() });
        request
    }

    pub(super) fn charge(&mut self, request: RequestId, charge: Charge) {
        if let Some(question) = self.open.get_mut(&request) {
            question.charge = charge;
        }
    }

    pub(super) fn has(&self, request: RequestId) -> bool {
        self.open.contains_key(&request)
    }

    /// Takes a question that is about to be answered.
    pub(super) fn take(&mut self, request: RequestId) -> Option<Question> {
        self.open.remove(&request)
    }

    /// Forgets the questions of a closed connection. What is being read from the ledger stays charged until
    /// it has been read.
    pub(super) fn forget(&mut self, peer: PeerId) {
        self.open.retain(|_, question| question.peer != peer || question.charge.is_long());
    }
}
