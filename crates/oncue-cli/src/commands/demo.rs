//! `oncue demo`: shows step by step what oncue does, with its own broker.

mod error;
mod machine;
mod numbers;
mod own_broker;
mod report;
mod scene;
mod show;
mod source;

use std::env;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use clap::Args;
use oncue_types::{SpanError, parse_span};
use oncue_wire::names::{BROKER_VARIABLE, HOME_VARIABLE, TOKEN_VARIABLE};

use crate::commands::demo::error::DemoError;
use crate::commands::demo::show::{Plan, show};
use crate::exit::Exit;
use crate::failure::Failure;

/// Show step by step what oncue does: register, fire, follow and cancel a task
///
/// Builds examples/primes, starts a separate broker in a temporary folder, and verifies each step.
/// Your own broker and tasks are not touched.
#[derive(Debug, Args)]
#[command(after_help = "Example, in a checkout of oncue:\n  cargo run -- demo --for 10s")]
pub(crate) struct Arguments {
    /// How long the task runs before it is cancelled
    #[arg(long = "for", value_name = "SPAN", default_value = "5s", value_parser = span)]
    runs_for: Duration,
    /// Keep the folder with all its files
    #[arg(long)]
    keep: bool,
    /// ONCUE_HOME is already the demonstration's own folder
    #[arg(long, hide = true)]
    at_home: bool,
}

fn span(text: &str) -> Result<Duration, SpanError> {
    parse_span(text)
}

/// Runs the demonstration.
///
/// The SDK and the child processes read the environment of this process, which must not change
/// while other threads run. Therefore the program restarts itself with `ONCUE_HOME` set to a new
/// folder.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let home = env::var_os(HOME_VARIABLE).map(PathBuf::from);
    match home {
        Some(home) if arguments.at_home => {
            let plan = Plan { home, runs_for: arguments.runs_for, keep: arguments.keep };
            show(&plan)?;
            Ok(Exit::Done)
        }
        _ => Err(at_home()?.into()),
    }
}

/// Restarts as the demonstration; returns only if that fails.
fn at_home() -> Result<DemoError, DemoError> {
    source::find()?;
    let own = env::current_exe().map_err(DemoError::Start)?;
    let folder = tempfile::Builder::new().prefix("oncue-demo-").tempdir().map_err(DemoError::Folder)?;
    let home = folder.path().canonicalize().map_err(DemoError::Folder)?;
    let mut command = Command::new(own);
    command
        .args(env::args_os().skip(1))
        .arg("--at-home")
        .env(HOME_VARIABLE, &home)
        // The demonstration ignores packages installed on the system.
        .env("XDG_DATA_DIRS", home.join("share"))
        .env_remove(BROKER_VARIABLE)
        .env_remove(TOKEN_VARIABLE);
    // From now on the demonstration owns the folder; it is removed here if the demonstration cannot
    // start.
    Ok(DemoError::Start(command.exec()))
}
