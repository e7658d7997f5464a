//! The front: clients and task servers at the socket; their calls in, answers and notices out.

mod account;
mod address;
mod answer;
mod calling;
mod connection;
mod door;
mod framing;
mod hear;
mod identify;
mod introduce;
mod listing;
mod look;
mod outbox;
mod pace;
mod packages;
mod places;
mod receive;
mod scribe;
mod turns;

pub(crate) use account::{Charge, Shared};
pub(crate) use address::Address;
pub(crate) use connection::{Call, Peer};
pub(crate) use door::{Listener, OpenDoor};
pub(crate) use listing::Listing;
pub(crate) use scribe::{Scribe, Written};
pub(crate) use turns::Turns;

/// Numbers a connection; never given to another while the broker lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PeerId(pub(crate) u64);

/// What a connection has for the loop, in its order.
#[derive(Debug)]
pub(crate) enum Waiting {
    /// A call.
    Call(Call),
    /// A call whose answer is being made.
    Listing(Listing),
    /// Its end.
    End,
}

/// A question that the core has not answered yet.
#[derive(Debug)]
pub(crate) struct Question {
    /// Who asked.
    pub(crate) peer: PeerId,
    /// The call, for its answer's header.
    pub(crate) call: zbus::Message,
    /// What the call is charged until its answer has been written.
    pub(crate) charge: Charge,
}
