//! The contract between the processes of oncue: names, places, messages and refusals.
//!
//! Broker, SDK and tools share only this contract. They speak the D-Bus protocol, peer to peer, over the
//! broker's own socket; `docs/interface` publishes the interfaces as XML.
//!
//! On Windows the system itself is the broker, so only refusals and the words of values are compiled there.
#![warn(clippy::wildcard_enum_match_arm)]

#[cfg(not(windows))]
pub mod caller;
#[cfg(not(windows))]
mod command;
#[cfg(not(windows))]
pub mod convert;
#[cfg(not(windows))]
pub mod dictionary;
#[cfg(not(windows))]
pub mod embedded;
#[cfg(not(windows))]
pub mod features;
#[cfg(not(windows))]
pub mod frame;
#[cfg(not(windows))]
pub mod hear;
#[cfg(not(windows))]
pub mod interface;
#[cfg(not(windows))]
pub mod limits;
#[cfg(not(windows))]
pub mod message;
pub mod names;
pub mod outline;
#[cfg(not(windows))]
pub mod place;
pub mod refused;
#[cfg(not(windows))]
pub mod rule;
#[cfg(not(windows))]
pub mod say;
#[cfg(not(windows))]
pub mod starting;
#[cfg(not(windows))]
mod text;
#[cfg(not(windows))]
pub mod vocabulary;
pub mod word;

#[cfg(not(windows))]
pub use caller::Caller;
#[cfg(not(windows))]
pub use interface::{Ask, Call, Member, Method, Order, Signal, ask, order, signal};
#[cfg(not(windows))]
pub use message::{
    Activation, BrokerInfo, ClassInfo, CommandChange, CommandInfo, CommandSpec, Entry, FactInfo, Fired,
    GroupInfo, Identity, LastRun, PackageInfo, PauseInfo, PauseSpec, Paused, ProgressReport, RefusedChange,
    Registered, Resumed, RetryInfo, ServerInfo, TaskInfo, TaskSpec, WaitingInfo, Watched,
};
#[cfg(not(windows))]
pub use place::{Place, PlaceError};
pub use refused::{Code, Refused};
#[cfg(not(windows))]
pub use rule::{Rule, RuleError};
#[cfg(not(windows))]
pub use vocabulary::Words;
pub use word::{How, Origin, RunState, StartedBy, Word};
