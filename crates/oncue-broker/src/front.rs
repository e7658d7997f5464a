//! The front: clients and task servers at the socket; their calls in, answers and notices out.

mod answer;
mod ask;
mod hear;
mod identify;
mod look;
mod packages;
mod peer;

pub(crate) use peer::{Peer, PeerId, accept, listen};

/// A question that the core has not answered yet.
#[derive(Debug)]
pub(crate) struct Question {
    /// Who asked.
    pub(crate) peer: PeerId,
    /// The call, for its answer's header.
    pub(crate) call: zbus::Message,
}
