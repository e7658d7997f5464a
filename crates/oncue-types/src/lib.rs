//! The vocabulary of oncue: the types that broker, wire, SDK and command line share.
//!
//! Each type has one text form, which is used on the wire, in the store and on the screen:
//! `Display` writes it and `FromStr` reads it. Everywhere else the values themselves are passed.
//! This crate decides nothing and does no I/O.
#![no_std]
#![warn(clippy::wildcard_enum_match_arm)]

extern crate alloc;

mod access;
mod action;
mod activation;
mod answer;
mod blocker;
mod changes;
mod class_object;
mod command;
mod condition;
mod cost;
mod details;
mod entry;
mod exit;
mod fact;
mod family_name;
mod firing;
mod grammar;
mod group;
mod guid;
mod id;
mod moment;
mod notice;
mod notify;
mod outcome;
mod package;
mod pause;
mod policy;
mod predicate;
mod priority;
mod reading;
mod reason;
mod refusal;
mod report;
mod request;
mod retry;
mod span;
mod spec;
mod text;
mod told;
mod trigger;
mod unknown;
mod version;
mod view;

pub use access::Access;
pub use action::Action;
pub use activation::Activation;
pub use answer::{Answer, ApplicationResult, FireResult, RegisterResult};
pub use blocker::Blocker;
pub use changes::Changes;
pub use class_object::{ClassObject, ClassUse, Cookie};
pub use command::{Command, CommandError, Statuses, StatusesError};
pub use condition::Condition;
pub use cost::WorkCost;
pub use details::Details;
pub use entry::LedgerEntry;
pub use exit::Exit;
pub use fact::{FactKind, Facts, Observation};
pub use family_name::FamilyName;
pub use firing::{Begun, Cause, Firing};
pub use grammar::Mistake;
pub use group::Group;
pub use guid::{Guid, GuidError};
pub use id::{InstanceId, RequestId, ServerId, TaskId};
pub use moment::{Boot, Moment, Stamp, Steady, Wall};
pub use notice::Notice;
pub use notify::Notify;
pub use outcome::Outcome;
pub use package::{ExeServer, Package};
pub use pause::{Pause, PauseEnd, PauseScope};
pub use policy::{HoldEnd, HoldLimit, Missed, Policy, PolicyError};
pub use predicate::Predicate;
pub use priority::Priority;
pub use reading::{NoReading, Reading};
pub use reason::CancellationReason;
pub use refusal::Refusal;
pub use report::Report;
pub use request::{Consent, Register, RegisterMode, Request};
pub use retry::{Growth, LATEST_RETRY, LONGEST as LONGEST_RETRY, Retry, RetryError};
pub use span::{SpanError, parse_span, show_span};
pub use spec::TaskSpec;
pub use text::start_of;
pub use told::Told;
pub use trigger::{
    AfterEnd, Bus, DeviceAction, PathError, SystemEvent, Trigger, TriggerError, Watch, check_path,
};
pub use unknown::Unknown;
pub use version::{Version, VersionError};
pub use view::{Last, TaskState, TaskView};
