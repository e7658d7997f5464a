//! The verbs on Windows.

#[path = "../commands/completions.rs"]
pub(crate) mod completions;
mod elsewhere;
#[path = "../commands/man.rs"]
pub(crate) mod man;
pub(crate) mod package;

use crate::arguments::Verb;
use crate::exit::Exit;
use crate::failure::Failure;

/// Performs a verb.
pub(crate) fn perform(verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::Package(arguments) => package::perform(arguments),
        Verb::Completions(arguments) => completions::perform(&arguments),
        Verb::Man(arguments) => man::perform(&arguments),
        Verb::Elsewhere(words) => Err(elsewhere::refusal(&words)),
    }
}
