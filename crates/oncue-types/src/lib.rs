//! The vocabulary of oncue: the types that broker, wire, SDK and command line share.
//!
//! Each type has one text form, which is used on the wire, in the store and on the screen:
//! `Display` writes it and `FromStr` reads it. Everywhere else the values themselves are passed.
//! This crate decides nothing and does no I/O.
#![no_std]

extern crate alloc;

mod access;
mod changes;
mod condition;
mod cost;
mod details;
mod exit;
mod fact;
mod family_name;
mod grammar;
mod group;
mod guid;
mod id;
mod moment;
mod outcome;
mod policy;
mod predicate;
mod reading;
mod reason;
mod refusal;
mod retry;
mod span;
mod spec;
mod told;
mod trigger;
mod version;

pub use access::Access;
pub use changes::Changes;
pub use condition::Condition;
pub use cost::WorkCost;
pub use details::Details;
pub use exit::Exit;
pub use fact::{FactKind, Facts, Observation};
pub use family_name::FamilyName;
pub use grammar::Mistake;
pub use group::Group;
pub use guid::{Guid, GuidError};
pub use id::{InstanceId, TaskId};
pub use moment::{Boot, Moment, Stamp, Steady, Wall};
pub use outcome::Outcome;
pub use policy::{HoldEnd, HoldLimit, Missed, Policy, PolicyError};
pub use predicate::Predicate;
pub use reading::{NoReading, Reading};
pub use reason::CancellationReason;
pub use refusal::Refusal;
pub use retry::{Growth, LATEST_RETRY, Retry, RetryError};
pub use span::{SpanError, parse_span, show_span};
pub use spec::TaskSpec;
pub use told::Told;
pub use trigger::{Bus, DeviceAction, PathError, SystemEvent, Trigger, TriggerError, Watch, check_path};
pub use version::Version;
