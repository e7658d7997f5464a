//! `oncue remove`: ends a task's registration.

use std::io::Write as _;

use clap::Args;
use oncue::tools::Broker;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::clean::clean;
use crate::render::screen::Screen;
use crate::which;

/// End a task's registration: it never fires again
///
/// A run that goes on finishes, unless --cancel. A program may register its task anew when it is
/// started.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  oncue remove SampleTask\n  oncue remove --cancel SampleTask")]
pub(crate) struct Arguments {
    /// Its name, package/name, or the start of its id
    task: String,
    /// Cancel its run too
    #[arg(long)]
    cancel: bool,
}

/// Ends a registration.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    let task = which::task(&broker, &arguments.task)?;
    broker.unregister(&task.task_id, arguments.cancel)?;
    let what_of_its_run = match (task.instance_id, arguments.cancel) {
        (Some(_), true) => "; its run is being cancelled",
        (Some(_), false) => "; its run goes on to its end",
        (None, _) => "",
    };
    writeln!(
        Screen::open(),
        "{} of {} is removed{what_of_its_run}",
        clean(&task.name),
        clean(&task.package)
    )?;
    Ok(Exit::Done)
}
