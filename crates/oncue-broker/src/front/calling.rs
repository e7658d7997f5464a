//! What is known about the caller of a connection when a call is read.

use oncue_core::{FamilyName, ServerId, TaskId};
use oncue_wire::Caller;
use oncue_wire::hear::Calling;

use super::PeerId;
use super::identify::Known;
use super::peers::Peers;

/// A connection whose call is read.
pub(super) struct Speaker<'a> {
    pub(super) id: PeerId,
    pub(super) peers: &'a mut Peers,
    pub(super) known: Known<'a>,
}

impl Calling for Speaker<'_> {
    fn caller(&mut self) -> Caller {
        self.peers.caller(self.id, self.known)
    }

    fn server(&mut self) -> ServerId {
        self.peers.server_of(self.id)
    }

    fn package_of(&self, task: TaskId) -> Option<&FamilyName> {
        self.known.core.package_of(task)
    }
}
