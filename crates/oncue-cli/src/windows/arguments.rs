//! The command line on Windows, for packages. The other verbs are done by Windows itself.

use clap::Parser;

use crate::commands::Verb;
use crate::exit;

/// Create packages whose tasks Windows runs.
///
/// Windows itself stores, starts and shows the tasks of packages. oncue turns crates into packages,
/// checks them, and registers them as developer mode permits.
#[derive(Debug, Parser)]
#[command(name = "oncue", version, max_term_width = 100)]
#[command(subcommand_value_name = "VERB", subcommand_help_heading = "Verbs")]
#[command(after_help = exit::help())]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}
