//! The command line on Windows, for packages. The other verbs are done by Windows itself.

use std::ffi::OsString;

use clap::{Parser, Subcommand};

use crate::commands::{completions, man, package};
use crate::exit;

/// Create packages whose tasks Windows runs.
///
/// Windows itself stores, starts and shows the tasks of packages. oncue turns crates into packages,
/// checks them, and registers them as developer mode permits.
#[derive(Debug, Parser)]
#[command(name = "oncue", version, max_term_width = 100)]
#[command(subcommand_value_name = "VERB", subcommand_help_heading = "Verbs")]
#[command(after_help = exit::HELP)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Package(package::Arguments),
    Completions(completions::Arguments),
    #[command(hide = true)]
    Man(man::Arguments),
    /// A verb of another system, or an unknown one.
    #[command(external_subcommand)]
    Elsewhere(Vec<OsString>),
}
