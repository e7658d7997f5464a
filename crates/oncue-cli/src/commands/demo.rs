//! `oncue demo`: the main job, shown step by step in a broker of its own.

use std::env;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use clap::Args;
use oncue_types::{SpanError, parse_span};
use oncue_wire::names::{BROKER_VARIABLE, HOME_VARIABLE, TOKEN_VARIABLE};

use crate::demo::{DemoError, Plan, source};
use crate::exit::Exit;
use crate::failure::Failure;

/// Show the main job: register, fire, follow and cancel the sample's task
///
/// Builds examples/primes, starts a broker of its own in a temporary folder, and verifies each
/// step. The user's own broker and tasks are not touched.
#[derive(Debug, Args)]
#[command(after_help = "Example, in a checkout of oncue:\n  cargo run -- demo --for 10s")]
pub(crate) struct Arguments {
    /// How long the task runs before it is cancelled
    #[arg(long = "for", value_name = "SPAN", default_value = "5s", value_parser = span)]
    runs_for: Duration,
    /// Leave the folder with everything it made
    #[arg(long)]
    keep: bool,
    /// ONCUE_HOME is the demonstration's own folder already
    #[arg(long, hide = true)]
    at_home: bool,
}

fn span(text: &str) -> Result<Duration, SpanError> {
    parse_span(text)
}

/// Shows the main job.
///
/// The SDK and the children go by this process's environment, and no thread may run while that is
/// changed: so the program starts itself anew with `ONCUE_HOME` set to a folder of its own.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let home = env::var_os(HOME_VARIABLE).map(PathBuf::from);
    match home {
        Some(home) if arguments.at_home => {
            let plan = Plan { home, runs_for: arguments.runs_for, keep: arguments.keep };
            crate::demo::show(&plan)
        }
        _ => Err(at_home()?.into()),
    }
}

/// Becomes the demonstration; returns only why that did not work.
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
        // What the system has installed is no part of it.
        .env("XDG_DATA_DIRS", home.join("share"))
        .env_remove(BROKER_VARIABLE)
        .env_remove(TOKEN_VARIABLE);
    // The folder is the demonstration's from now on, or is taken away here if that cannot start.
    Ok(DemoError::Start(command.exec()))
}
