//! The program `oncue`: a person's view of background tasks, and `oncue daemon`, the broker.

mod arguments;
mod check;
mod commands;
mod demo;
mod draft;
mod exit;
mod failure;
mod follow;
mod instant;
mod layout;
mod process;
mod render;
mod signals;
mod which;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;
use crate::exit::Exit;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(help_or_mistake) => {
            // Where nobody reads, nothing more can be said.
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
