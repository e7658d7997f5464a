//! The program `oncue`: the command line for people, and `oncue daemon`, the broker.
#![warn(clippy::wildcard_enum_match_arm)]

#[cfg(not(windows))]
mod ahead;
#[cfg(not(windows))]
mod arguments;
#[cfg(not(windows))]
mod changes;
mod check;
#[cfg(not(windows))]
mod commands;
#[cfg(not(windows))]
mod declared;
mod draft;
mod exit;
mod failure;
#[cfg(not(windows))]
mod file;
#[cfg(not(windows))]
mod flags;
#[cfg(not(windows))]
mod follow;
#[cfg(not(windows))]
mod instant;
#[cfg(not(windows))]
mod kept;
mod layout;
#[cfg(not(windows))]
mod ledger;
#[cfg(not(windows))]
mod process;
#[cfg(not(windows))]
mod rehearse;
mod render;
#[cfg(not(windows))]
mod signals;
#[cfg(not(windows))]
mod which;
#[cfg(not(windows))]
mod zone;

// On Windows, the system itself is the broker, so the verbs differ.
#[cfg(windows)]
#[path = "windows/arguments.rs"]
mod arguments;
#[cfg(windows)]
#[path = "windows/commands.rs"]
mod commands;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;
use crate::exit::Exit;

fn main() -> ExitCode {
    commands::completions::answer();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(help_or_mistake) => {
            // If the output is closed, nothing more can be reported.
            let _ = help_or_mistake.print();
            return if help_or_mistake.use_stderr() { Exit::Usage } else { Exit::Done }.into();
        }
    };
    match commands::perform(arguments.verb) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.report();
            failure.exit().into()
        }
    }
}
