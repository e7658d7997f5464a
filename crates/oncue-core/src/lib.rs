//! What should happen: the decisions of the oncue broker, without clock, I/O, threads or randomness.
//!
//! [`Broker::handle`] takes in one event at a moment and answers with [`Effects`]: what must be
//! done at once, what must be recorded, and what may be said once that is recorded. This crate
//! knows no path, no process and no message format.
#![no_std]

extern crate alloc;

mod access;
mod broker;
mod calendar;
mod changes;
mod clocks;
mod condition;
mod config;
mod cost;
mod details;
mod due;
mod effect;
mod event;
mod fact;
mod grammar;
mod group;
mod guid;
mod id;
mod last_lines;
mod moment;
mod package;
mod policy;
mod predicate;
mod reading;
mod record;
mod refusal;
mod retry;
mod run;
mod server;
mod span;
mod stored;
mod task;
mod timers;
mod told;
mod trigger;

pub use access::Access;
pub use broker::{Blocker, Broker, TaskState, TaskView, Unrecorded};
pub use calendar::{Calendar, NoCalendar};
pub use changes::Changes;
pub use clocks::Clocks;
pub use condition::Condition;
pub use config::{Limits, Settings};
pub use cost::WorkCost;
pub use details::Details;
pub use due::{Due, When};
pub use effect::{
    Activation, Answer, ApplicationResult, Effect, Effects, FireResult, Notice, RegisterResult,
};
pub use event::{Consent, Event, Register, RegisterMode, Request};
pub use fact::{FactKind, Facts, Observation};
pub use grammar::Mistake;
pub use group::Group;
pub use guid::{Guid, GuidError};
pub use id::{InstanceId, RequestId, ServerId, TaskId};
pub use last_lines::LastLines;
pub use moment::{Boot, Moment, Stamp, Steady, Wall};
pub use package::{ExeServer, FamilyName, Package, Version};
pub use policy::{HoldEnd, HoldLimit, Missed, Policy, PolicyError};
pub use predicate::Predicate;
pub use reading::{NoReading, Reading};
pub use record::{LedgerEntry, Record};
pub use refusal::Refusal;
pub use retry::{Growth, Retry, RetryError};
pub use run::{CancellationReason, Exit, Outcome};
pub use server::{ClassObject, ClassUse, Cookie};
pub use span::{SpanError, parse_span, show_span};
pub use stored::{Stored, StoredHealth, StoredRun, StoredTask, Tables};
pub use task::{Begun, Cause, Firing, Former, Health, Last, TaskSpec};
pub use told::Told;
pub use trigger::{Bus, DeviceAction, PathError, SystemEvent, Trigger, TriggerError, Watch};
