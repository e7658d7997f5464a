//! `oncue export`: writes the tasks of commands as TOML.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use oncue::tools::{Broker, TaskInfo, Watched};

use super::edit::spec_of;
use crate::declared::{Unwritable, Values, parts, table};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::file;
use crate::render::screen::Screen;
use crate::which;

/// Write tasks of commands to a file, as `oncue apply` reads them
///
/// The values of variables can be secret, so they are written as hidden: where the file is applied, the
/// task keeps the value that it has. PATH is always written.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  oncue export > tasks.toml\n  oncue export backup mail -o tasks.toml\n  \
    oncue export --with-values -o private.toml\n\nThe format is described in docs/commands.md."
)]
pub(crate) struct Arguments {
    /// The tasks; without names, all that run commands
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Write this file, which only you can read, instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Also write the values of variables
    #[arg(long)]
    with_values: bool,
}

impl From<Unwritable> for Failure {
    fn from(error: Unwritable) -> Self {
        Self::new(Exit::Refused, error).with_way_out("use the version of oncue that the task was made with")
    }
}

/// Writes tasks.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    let mut tasks = match &arguments.names[..] {
        [] => commands(&broker)?,
        names => names.iter().map(|name| which::task(&broker, name)).collect::<Result<Vec<_>, _>>()?,
    };
    tasks.sort_by(|a, b| a.name.cmp(&b.name));
    tasks.dedup_by(|a, b| a.task_id == b.task_id);
    let values = if arguments.with_values { Values::Written } else { Values::Hidden };
    let tables = tasks.iter().map(|task| written(task, values)).collect::<Result<Vec<_>, _>>()?;
    let text = tables.join("\n");
    match &arguments.output {
        None => Screen::open().write_all(text.as_bytes())?,
        Some(path) => file::replace(path, &text)?,
    }
    Ok(Exit::Done)
}

/// Returns a task as it is written to a file.
pub(super) fn written(task: &TaskInfo, values: Values) -> Result<String, Failure> {
    let spec = spec_of(task)?;
    Ok(table(&spec.name, &parts(&spec)?, values))
}

/// Returns the tasks of commands.
pub(super) fn commands(broker: &Broker) -> Result<Vec<TaskInfo>, oncue::Error> {
    let mut tasks = broker.tasks(Watched::All)?;
    tasks.retain(|task| task.command.is_some());
    Ok(tasks)
}
