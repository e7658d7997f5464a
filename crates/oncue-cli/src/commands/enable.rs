//! `oncue enable` and `oncue disable`: whether the trigger of a command's task counts.

use clap::Args;
use oncue::tools::Broker;

use super::edit::{change, change_policy, spec_of};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::which;

/// Enable the trigger of a command's task again
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  oncue enable backup")]
pub(crate) struct Enable {
    #[command(flatten)]
    arguments: Arguments,
}

/// Disable the trigger of a command's task
///
/// The task keeps its history and still runs by `oncue run NAME`. What fires meanwhile is lost; to
/// have it held instead, use `oncue pause NAME`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  oncue disable backup")]
pub(crate) struct Disable {
    #[command(flatten)]
    arguments: Arguments,
}

#[derive(Debug, Args)]
struct Arguments {
    /// The task's name, or the start of its id (at least 8 characters)
    task: String,
    /// Write JSON, as described in docs/interface/json.md
    #[arg(long)]
    json: bool,
}

/// Enables a task.
pub(super) fn enable(Enable { arguments }: &Enable) -> Result<Exit, Failure> {
    perform(arguments, false)
}

/// Disables a task.
pub(super) fn disable(Disable { arguments }: &Disable) -> Result<Exit, Failure> {
    perform(arguments, true)
}

fn perform(arguments: &Arguments, disabled: bool) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    let task = which::task_to_change(&broker, &arguments.task)?;
    let mut spec = spec_of(&task)?;
    change_policy(&mut spec, |policy| policy.disabled = disabled);
    change(&broker, &task, &spec, arguments.json)
}
