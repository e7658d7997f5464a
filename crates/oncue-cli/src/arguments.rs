//! The command line as a whole. The arguments of each verb are in its own file below `commands`.

use clap::Parser;

use crate::commands::Verb;
use crate::exit;

/// View, control and debug background tasks.
///
/// A program registers a task once. The broker then runs the task on its cue, even when the program
/// is closed.
#[derive(Debug, Parser)]
#[command(name = "oncue", version, max_term_width = 100)]
#[command(subcommand_value_name = "VERB", subcommand_help_heading = "Verbs")]
#[command(after_help = exit::help())]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[cfg(test)]
mod named;
