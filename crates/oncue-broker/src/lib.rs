//! The per-user broker: makes happen what `oncue-core` decides. To run as `oncue daemon`, or to embed.
//!
//! ```text
//!  source/*   ─┐                                  ┌─► store     records, before anything is promised
//!  front/*    ─┼─ one inbox ─► event_loop ─► core ─┼─► launch    task servers started and watched
//!  launch/*   ─┘                                  └─► front     answers and notices
//! ```
//!
//! One thread, one loop, one owner of the state. Nothing here decides about tasks.

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
mod inherited;
mod launch;
mod log;
mod package;
mod perform;
mod promise;
mod recorder;
mod regular;
mod single;
mod source;
mod store;
mod variables;

pub use broker::{BrokerError, Started, run};
pub use config::{Config, ConfigError, KEYS as CONFIG_KEYS, Key as ConfigKey, TABLES as CONFIG_TABLES};
pub use embed::embed;
pub use package::{
    Loaded, PackageProblem, Program, ProgramProblem, load as load_package, missing_library, program_problem,
};
pub use source::NO_SYSTEM_BUS;
