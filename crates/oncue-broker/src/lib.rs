//! The per-user broker, which performs what `oncue-core` decides. It runs as `oncue daemon` or embedded in an app.
//!
//! ```text
//!  source/*  ─┐                                   ┌─► promise   records, before anything is promised
//!  front/*   ─┼─ one inbox ─► event_loop ─► core ─┼─► hosts     task servers started and watched
//!  hosts     ─┘                                   └─► front     answers and notices
//! ```
//!
//! One thread runs one loop, which owns the state. Nothing here decides about tasks.
#![cfg_attr(not(test), warn(clippy::wildcard_enum_match_arm))]

pub mod ahead;
mod arrival;
mod background;
mod broker;
mod calendar;
mod caller;
mod clock;
mod config;
mod descriptor;
mod embed;
mod errand;
mod event_loop;
mod front;
mod hosts;
mod inbox;
mod inherited;
mod launch;
mod log;
mod notifier;
pub mod output;
mod own_program;
mod package;
mod promise;
mod recorder;
mod regular;
pub mod service;
mod session;
mod single;
mod source;
mod store;
mod takeover;
mod variables;

pub use broker::{BrokerError, run};
pub use config::{Config, ConfigError, KEYS as CONFIG_KEYS, Key as ConfigKey, TABLES as CONFIG_TABLES};
pub use embed::embed;
pub use package::{
    Loaded, PackageProblem, Program, ProgramProblem, load as load_package, missing_library, program_problem,
};
pub use regular::check_input;
pub use single::is_running;
pub use source::NO_SYSTEM_BUS;
