//! `oncue release`: lets a quarantined task run again.

use std::io::Write as _;

use clap::Args;
use oncue::tools::Broker;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::clean::clean;
use crate::render::screen::Screen;
use crate::render::time::Clock;
use crate::which;

/// Let a quarantined task run again
///
/// A task is quarantined after several activations in a row that crashed or never registered the
/// class. It is also released by a registration that changes it, and by an update of its package.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  oncue why SampleTask\n  oncue release SampleTask")]
pub(crate) struct Arguments {
    /// The task's name, package/name, or the start of its id (at least 8 characters)
    task: String,
}

/// Releases a task.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    let task = which::task_to_change(&broker, &arguments.task)?;
    broker.release(task.task_id)?;
    let next = match (task.waiting, task.next_due) {
        (Some(_), _) => "; its waiting firing is judged now".to_owned(),
        (None, Some(at)) => format!("; it fires next {}", Clock::here().distance(at)),
        (None, None) => String::new(),
    };
    writeln!(Screen::open(), "{} is released{next}", clean(&task.name))?;
    Ok(Exit::Done)
}
