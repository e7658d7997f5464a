//! `oncue export`: writes the tasks of commands as TOML, or for another scheduler.

mod cron;
mod folder;
mod kubernetes;
mod names;
mod nomad;
mod subject;
mod systemd;
#[cfg(test)]
mod tests;
mod translation;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use oncue::tools::{Broker, TaskInfo, Watched};

use super::edit::spec_of;
use crate::declared::{Unwritable, Values, parts, table};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::file;
use crate::render::report::lines;
use crate::render::screen::Screen;
use crate::which;
use subject::Subject;
use translation::Translation;

/// Write tasks of commands to a file, or for another scheduler
///
/// The file is TOML, as `oncue apply` reads it. The values of variables can be secret, so they are written as
/// hidden: where the file is applied, the task keeps the value that it has. PATH is always written.
///
/// With --as, the tasks are written as systemd user units, as CronJobs of Kubernetes, or as periodic jobs of
/// Nomad. Standard error, and comments in the files, say what has no counterpart there.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  oncue export > tasks.toml\n  oncue export backup mail -o tasks.toml\n  \
    oncue export --with-values -o private.toml\n  \
    oncue export backup --as systemd -o ~/.config/systemd/user\n  \
    oncue export --as kubernetes --image registry.example/tools:1 -o manifests\n\n\
    The format is described in docs/commands.md. With --as, the exit code is 1 if a task could not be translated."
)]
pub(crate) struct Arguments {
    /// The tasks; without names, all that run commands
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Write this file, which only you can read, instead of standard output; with --as, files in this folder
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Also write the values of variables
    #[arg(long)]
    with_values: bool,
    /// Translate the tasks for another scheduler
    #[arg(long = "as", value_name = "SCHEDULER")]
    scheduler: Option<Scheduler>,
    /// With --as kubernetes or nomad: the container image that has the commands
    #[arg(long, requires = "scheduler")]
    image: Option<String>,
}

/// Another scheduler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Scheduler {
    /// User units: a service for each task, with its timer
    Systemd,
    /// CronJobs (batch/v1)
    Kubernetes,
    /// Periodic batch jobs, in HCL
    Nomad,
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
    if let Some(scheduler) = arguments.scheduler {
        let subjects = tasks.iter().map(subject).collect::<Result<Vec<_>, _>>()?;
        let how = How { scheduler, values, image: arguments.image.as_deref() };
        return finish(&how.translate(&subjects), arguments.output.as_deref());
    }
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

fn subject(task: &TaskInfo) -> Result<Subject, Failure> {
    let spec = spec_of(task)?;
    let (task, _) = spec.spec().map_err(oncue::Error::from)?;
    let command = spec.command.command().map_err(oncue::Error::from)?;
    Ok(Subject::of(&task, command))
}

/// How tasks are translated.
#[derive(Clone, Copy, Debug)]
struct How<'a> {
    scheduler: Scheduler,
    values: Values,
    image: Option<&'a str>,
}

impl How<'_> {
    fn translate(&self, subjects: &[Subject]) -> Translation {
        match self.scheduler {
            Scheduler::Systemd => systemd::translate(subjects, self.values),
            Scheduler::Kubernetes => kubernetes::translate(subjects, self.image, self.values),
            Scheduler::Nomad => nomad::translate(subjects, self.image, self.values),
        }
    }
}

/// Writes a translation, and reports what differs.
fn finish(translation: &Translation, folder: Option<&Path>) -> Result<Exit, Failure> {
    let mut shown = anstream::stderr();
    for note in translation.notes() {
        // If standard error is closed, nothing more can be reported.
        let _ = writeln!(shown, "{}", lines(&note.to_string()));
    }
    match folder {
        None => Screen::open().write_all(translation.text().as_bytes())?,
        Some(folder) => folder::write(folder, translation.files())?,
    }
    Ok(if translation.is_complete() { Exit::Done } else { Exit::Failed })
}
