//! The contract between the processes of oncue: names, places, messages and refusals.
//!
//! Broker, SDK and tools meet only here. Messages travel as the D-Bus protocol, peer to peer, over
//! the broker's own socket; `docs/interface` publishes them as XML.

pub mod caller;
pub mod convert;
pub mod embedded;
pub mod hear;
pub mod interface;
pub mod message;
pub mod names;
pub mod place;
pub mod refused;
pub mod say;

// What the texts of conditions and policies mean is written once, in the core.
pub use oncue_core::{Access, Condition, Guid, GuidError, HoldEnd, Policy, show_span};

pub use caller::Caller;
pub use message::{
    Activation, BrokerInfo, Entry, FactInfo, Fired, Identity, PackageInfo, Progress, Registered, RunState,
    ServerInfo, TaskInfo, TaskSpec, Watched,
};
pub use place::{Place, PlaceError};
pub use refused::{Code, Refused};
