//! What should happen: the decisions of the oncue broker, without clock, I/O, threads or randomness.
//!
//! [`Broker::handle`] takes in one event at a moment and answers with [`Effects`]: what must be
//! done at once, what must be recorded, and what may be said once that is recorded. This crate
//! knows no path, no process and no message format.
#![no_std]

extern crate alloc;

mod broker;
mod calendar;
mod clocks;
mod config;
mod due;
mod effect;
mod event;
mod id;
mod last_lines;
mod package;
mod record;
mod run;
mod server;
mod stored;
mod task;
mod timers;
mod wake;

// The vocabulary, under the names by which the modules of this crate import it.
mod access {
    pub(crate) use oncue_types::Access;
}
mod changes {
    pub(crate) use oncue_types::Changes;
}
mod condition {
    pub(crate) use oncue_types::Condition;
}
mod details {
    pub(crate) use oncue_types::Details;
}
mod fact {
    pub(crate) use oncue_types::{FactKind, Facts, Observation};
}
mod group {
    pub(crate) use oncue_types::Group;
}
mod guid {
    pub(crate) use oncue_types::Guid;
}
mod moment {
    pub(crate) use oncue_types::{Boot, Moment, Stamp, Steady, Wall};
}
mod policy {
    pub(crate) use oncue_types::{HoldEnd, Missed};
}
mod reading {
    pub(crate) use oncue_types::Reading;
}
mod refusal {
    pub(crate) use oncue_types::Refusal;
}
mod retry {
    pub(crate) use oncue_types::LATEST_RETRY as LATEST;
}
mod span {
    pub(crate) use oncue_types::show_span;
}
mod trigger {
    pub(crate) use crate::wake::Wake;
    pub(crate) use oncue_types::{SystemEvent, Trigger, Watch, check_path};
}

pub use broker::{Blocker, Broker, TaskState, TaskView, Unrecorded};
pub use calendar::{Calendar, NoCalendar};
pub use clocks::Clocks;
pub use config::{Limits, Settings};
pub use due::{Due, When};
pub use effect::{
    Activation, Answer, ApplicationResult, Effect, Effects, FireResult, Notice, RegisterResult,
};
pub use event::{Consent, Event, Register, RegisterMode, Request};
pub use id::{RequestId, ServerId};
pub use last_lines::LastLines;
pub use package::{ExeServer, Package};
pub use record::{LedgerEntry, Record, UsedUp};
pub use server::{ClassObject, ClassUse, Cookie};
pub use stored::{Stored, StoredHealth, StoredRun, StoredTask, Tables};
pub use task::{Begun, Cause, Firing, Former, Health, Last};

pub use oncue_types::{
    Access, Boot, Bus, CancellationReason, Changes, Condition, Details, DeviceAction, Exit, FactKind, Facts,
    FamilyName, Group, Growth, Guid, GuidError, HoldEnd, HoldLimit, InstanceId, Missed, Mistake, Moment,
    NoReading, Observation, Outcome, PathError, Policy, PolicyError, Predicate, Reading, Refusal, Retry,
    RetryError, SpanError, Stamp, Steady, SystemEvent, TaskId, TaskSpec, Told, Trigger, TriggerError,
    Version, Wall, Watch, WorkCost, parse_span, show_span,
};
