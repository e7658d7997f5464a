//! `oncue access`: what the packages may do in the background.

mod list;
mod set;

use clap::{Args, Subcommand};

use crate::exit::Exit;
use crate::failure::Failure;

/// Show or set what packages may do in the background
///
/// always: their tasks run, whatever the energy saver says. policy: they run when the system's
/// policy allows it; so it is until you say otherwise. denied: they do not run; what runs is
/// cancelled, what fires is held.
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

/// Does what was asked of access.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    match &arguments.verb {
        Verb::List(arguments) => list::perform(arguments),
        Verb::Set(arguments) => set::perform(arguments),
    }
}
