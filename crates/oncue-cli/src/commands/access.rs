//! `oncue access`: what packages may do in the background.

mod list;
mod set;

use clap::{Args, Subcommand};

use crate::exit::Exit;
use crate::failure::Failure;

/// Show or set what packages may do in the background
///
/// always: their tasks run even while the energy saver is on. policy, the default: they run when
/// the system's policy permits it. denied: they do not run; current runs are cancelled, and firings
/// are held.
#[derive(Debug, Args)]
#[command(subcommand_value_name = "VERB", subcommand_help_heading = "Verbs")]
#[command(after_help = "Examples:\n  oncue access list\n  oncue access set Primes denied")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    List(list::Arguments),
    Set(set::Arguments),
}

/// Performs a verb of `access`.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    match &arguments.verb {
        Verb::List(arguments) => list::perform(arguments),
        Verb::Set(arguments) => set::perform(arguments),
    }
}
