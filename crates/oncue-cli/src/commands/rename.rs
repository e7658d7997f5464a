//! `oncue rename`: gives the task of a command another name.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use oncue::tools::Broker;

use super::edit::{change, spec_of};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::which;

/// Give the task of a command another name
///
/// Its id, its history and its run stay. Past runs are listed with the name that the task had then.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  oncue rename backup backup-home")]
pub(crate) struct Arguments {
    /// The task's name, or the start of its id (at least 8 characters)
    task: String,
    /// Its new name
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    name: String,
    /// Write JSON, as described in docs/interface/json.md
    #[arg(long)]
    json: bool,
}

/// Renames a task.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    let task = which::task_to_change(&broker, &arguments.task)?;
    let mut spec = spec_of(&task)?;
    spec.name.clone_from(&arguments.name);
    change(&broker, &task, &spec, arguments.json)
}
