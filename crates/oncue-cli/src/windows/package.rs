//! `oncue package` on Windows: packages registered in developer mode.

pub(crate) mod add;
#[path = "../commands/package/check.rs"]
pub(crate) mod check;
mod deployment;
#[path = "../commands/package/layout.rs"]
pub(crate) mod layout;
pub(crate) mod list;
#[path = "../commands/package/new.rs"]
pub(crate) mod new;
pub(crate) mod remove;

use clap::{Args, Subcommand};

use crate::exit::Exit;
use crate::failure::Failure;

/// Turn crates into packages, and register them with Windows
#[derive(Debug, Args)]
#[command(subcommand_value_name = "VERB", subcommand_help_heading = "Verbs")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    New(new::Arguments),
    Add(add::Arguments),
    Remove(remove::Arguments),
    List(list::Arguments),
    Check(check::Arguments),
    Layout(layout::Arguments),
}

/// Performs a verb of `package`.
pub(super) fn perform(arguments: Arguments) -> Result<Exit, Failure> {
    match arguments.verb {
        Verb::New(arguments) => new::perform(arguments),
        Verb::Add(arguments) => add::perform(&arguments),
        Verb::Remove(arguments) => remove::perform(&arguments),
        Verb::List(arguments) => list::perform(&arguments),
        Verb::Check(arguments) => check::perform(&arguments),
        Verb::Layout(arguments) => layout::perform(arguments),
    }
}
