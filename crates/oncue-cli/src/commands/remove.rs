//! `oncue remove`: removes a task's registration.

use std::io::Write as _;

use clap::Args;
use oncue::Cancel;
use oncue::tools::Broker;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::kept::Kept;
use crate::render::blocked::handle;
use crate::render::clean::clean;
use crate::render::consent;
use crate::render::screen::Screen;
use crate::which;

/// Remove a task's registration, so that it never fires again
///
/// Asks for confirmation on a terminal, but not in a script. A current run finishes unless --cancel
/// is given. A program may register its task again when it starts. The output of past runs is kept until it is
/// too old.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  oncue remove SampleTask\n  oncue remove --yes --cancel SampleTask\n\n\
    The exit code is 3 if you answer no.")]
pub(crate) struct Arguments {
    /// The task's name, package/name, or the start of its id (at least 8 characters)
    task: String,
    /// Also cancel its current run
    #[arg(long)]
    cancel: bool,
    /// Do not ask for confirmation
    #[arg(short, long)]
    yes: bool,
}

/// Removes a registration.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    let task = which::task_to_change(&broker, &arguments.task)?;
    let (name, package) = (clean(&task.name), clean(&task.package));
    if !arguments.yes && !consent::given(&format!("remove the task {name} of {package}?"))? {
        return Ok(Exit::Refused);
    }
    let cancel = if arguments.cancel { Cancel::Yes } else { Cancel::No };
    broker.unregister(task.task_id, cancel)?;
    let what_of_its_run = match (task.instance_id, cancel) {
        (Some(_), Cancel::Yes) => "; its run is being cancelled",
        (Some(_), Cancel::No) => "; its current run finishes",
        (None, _) => "",
    };
    let what_of_its_output = match Kept::here().has_runs_of(task.task_id) {
        true => format!("; the output of its runs is kept: `oncue logs {}`", handle(&task, &arguments.task)),
        false => String::new(),
    };
    writeln!(Screen::open(), "{name} of {package} is removed{what_of_its_run}{what_of_its_output}")?;
    Ok(Exit::Done)
}
