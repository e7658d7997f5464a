//! The command line on Windows: packages; what else `oncue` does elsewhere, Windows does itself.

use std::ffi::OsString;

use clap::{Parser, Subcommand};

use crate::commands::{completions, man, package};
use crate::exit;

/// Make packages whose tasks Windows runs.
///
/// Windows itself keeps the tasks of packages, starts them and shows them. This makes packages out of
/// crates, checks them, and registers them as developer mode allows.
#[derive(Debug, Parser)]
#[command(name = "oncue", version, max_term_width = 100)]
#[command(subcommand_value_name = "VERB", subcommand_help_heading = "Verbs")]
#[command(after_help = exit::HELP)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Package(package::Arguments),
    Completions(completions::Arguments),
    #[command(hide = true)]
    Man(man::Arguments),
    /// A verb of another host, or none.
    #[command(external_subcommand)]
    Elsewhere(Vec<OsString>),
}
