//! The verbs on Windows.

#[path = "../commands/completions.rs"]
pub(crate) mod completions;
mod elsewhere;
#[path = "../commands/man.rs"]
pub(crate) mod man;
pub(crate) mod package;

use std::ffi::OsString;

use clap::Subcommand;

use crate::exit::Exit;
use crate::failure::Failure;

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Package(package::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
    /// A verb of another system, or an unknown one.
    #[command(external_subcommand)]
    Elsewhere(Vec<OsString>),
}

/// Performs a verb.
pub(crate) fn perform(verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::Package(arguments) => package::perform(arguments),
        Verb::Completions(arguments) => completions::perform(&arguments),
        Verb::Man(arguments) => man::perform(&arguments),
        Verb::Elsewhere(words) => Err(elsewhere::refusal(&words)),
    }
}
