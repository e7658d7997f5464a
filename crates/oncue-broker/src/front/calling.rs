//! What is known about the caller of a connection when a call is read.

use oncue_core::{FamilyName, ServerId, TaskId};
use oncue_wire::Caller;
use oncue_wire::hear::Calling;

use super::PeerId;
use crate::event_loop::Loop;

/// A connection and the loop that handles its calls.
pub(super) struct Speaker<'l> {
    pub(super) id: PeerId,
    pub(super) of: &'l mut Loop,
}

impl Calling for Speaker<'_> {
    fn caller(&mut self) -> Caller {
        self.of.caller(self.id)
    }

    fn server(&mut self) -> ServerId {
        self.of.server_of(self.id)
    }

    fn package_of(&self, task: TaskId) -> Option<&FamilyName> {
        self.of.core.package_of(task)
    }
}

impl Loop {
    /// Returns the task server of a connection. One that the broker did not start joins.
    pub(super) fn server_of(&mut self, id: PeerId) -> ServerId {
        let known = self.peers.get(&id).and_then(|peer| peer.server);
        known.unwrap_or_else(|| {
            let server = ServerId::Joined(id.0);
            self.bind(id, server);
            server
        })
    }

    pub(super) fn bind(&mut self, id: PeerId, server: ServerId) {
        self.reached_by.insert(server, id);
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.server = Some(server);
        }
    }
}
