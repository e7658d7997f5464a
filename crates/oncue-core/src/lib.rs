//! The decisions of the oncue broker, without clock, I/O, threads or randomness.
//!
//! [`Broker::handle`] takes one event at a moment and returns [`Effects`]: what must be done at once, what
//! must be recorded, and what clients are told once that is recorded. This crate knows no paths, processes or
//! message formats.
#![no_std]
#![warn(clippy::wildcard_enum_match_arm)]

extern crate alloc;

pub mod ahead;
mod arena;
mod broker;
mod calendar;
mod clocks;
mod config;
mod due;
mod effect;
mod event;
mod id;
mod last_lines;
mod minima;
mod record;
mod run;
mod server;
mod stored;
mod task;
mod tasks;
mod timers;
mod wake;

pub use broker::{Broker, Proposal, Unrecorded};
pub use calendar::{Calendar, NoCalendar};
pub use clocks::Clocks;
pub use config::{Limits, Settings};
pub use due::{Due, When};
pub use effect::{Effect, Effects};
pub use event::Event;
pub use last_lines::LastLines;
pub use record::{Record, UsedUp};
pub use stored::{Stored, StoredHealth, StoredPause, StoredRun, StoredTask};
pub use task::{Former, Health};

pub use oncue_types::{
    Access, Action, Activation, AfterEnd, Answer, ApplicationResult, Begun, Blocker, Boot, Bus,
    CancellationReason, Cause, Changes, ClassObject, ClassUse, Command, CommandError, Condition, Consent,
    Cookie, Details, DeviceAction, ExeServer, Exit, FactKind, Facts, FamilyName, FireResult, Firing, Group,
    Growth, Guid, GuidError, HoldEnd, HoldLimit, InstanceId, Last, LedgerEntry, Missed, Mistake, Moment,
    NoReading, Notice, Notify, Observation, Outcome, Package, PathError, Pause, PauseEnd, PauseScope, Policy,
    PolicyError, Predicate, Priority, Reading, Refusal, Register, RegisterMode, RegisterResult, Report,
    Request, RequestId, Retry, RetryError, ServerId, SpanError, Stamp, Statuses, Steady, SystemEvent, TaskId,
    TaskSpec, TaskState, TaskView, Told, Trigger, TriggerError, Version, Wall, Watch, WorkCost, parse_span,
    show_span, start_of,
};
