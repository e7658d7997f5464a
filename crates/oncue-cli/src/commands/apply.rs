//! `oncue apply`: makes the tasks of commands what files say.

mod plan;
mod steps;

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use oncue::tools::Broker;

use crate::declared::{Declared, GatherError, Mistakes, gather};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::consent;
use crate::render::screen::Screen;
use plan::Plan;

/// Add and change tasks of commands as files say
///
/// Everything is checked before anything is changed, and what differs is shown. A task that is as its file
/// says is left alone, so that applying the same files again does nothing.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  oncue apply tasks.toml\n  oncue apply --dry-run ~/.config/tasks\n  \
    oncue apply --prune ~/.config/tasks\n  oncue export backup | ssh host oncue apply -\n\n\
    The format is described in docs/commands.md. `oncue export` writes it.\n\
    The exit code is 3 if a file has a mistake, and if you answer no.")]
pub(crate) struct Arguments {
    /// Files, folders (their files *.toml), or - for standard input
    #[arg(required = true, value_name = "FILE|FOLDER")]
    paths: Vec<PathBuf>,
    /// Also remove the tasks of commands that no file names
    #[arg(long)]
    prune: bool,
    #[command(flatten)]
    how: How,
}

/// How tasks are applied.
#[derive(Debug, Args)]
pub(super) struct How {
    /// Only say what would be changed
    #[arg(long)]
    dry_run: bool,
    /// Apply a task even if its program cannot be found or started now
    #[arg(long)]
    force: bool,
    /// With --prune: do not ask for confirmation
    #[arg(short, long)]
    yes: bool,
    /// Write JSON, as described in docs/interface/json.md
    #[arg(long)]
    json: bool,
}

impl How {
    /// Applies tasks without asking, and says what was done.
    pub(super) fn at_once(force: bool) -> Self {
        Self { dry_run: false, force, yes: true, json: false }
    }
}

impl From<GatherError> for Failure {
    fn from(error: GatherError) -> Self {
        match error {
            GatherError::Mistakes(mistakes) => mistakes.into(),
            GatherError::Unreadable { .. } => Self::new(Exit::Failed, error),
            GatherError::Empty { .. } => Self::new(Exit::Refused, error)
                .with_way_out("name the files, or write the tasks there with `oncue export -o FILE`"),
        }
    }
}

impl From<Mistakes> for Failure {
    fn from(error: Mistakes) -> Self {
        Self::new(Exit::Refused, error).with_way_out("correct the file; nothing was changed")
    }
}

/// Applies files.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let tasks = gather(&arguments.paths)?;
    apply(&tasks, arguments.prune, &arguments.how)
}

/// Applies tasks that have been read.
pub(super) fn apply(tasks: &[Declared], prune: bool, how: &How) -> Result<Exit, Failure> {
    let (broker, mut screen) = (Broker::connect()?, Screen::open());
    let plan = Plan::of(&broker, tasks, prune, how.force)?;
    if !how.json {
        screen.write_all(plan.draw().as_bytes())?;
    }
    if how.dry_run {
        steps::rehearse(&broker, &plan)?;
    } else {
        let removed = plan.removed();
        let question = || match removed {
            1 => "remove 1 task that no file names?".to_owned(),
            count => format!("remove {count} tasks that no file names?"),
        };
        if removed > 0 && !how.yes && !consent::given(&question())? {
            return Ok(Exit::Refused);
        }
        steps::perform(&broker, &plan)?;
    }
    if how.json {
        screen.json(&plan.shape(how.dry_run))?;
    } else {
        let end = if how.dry_run { "; nothing was changed: this is a dry run" } else { "" };
        writeln!(screen, "{}{end}", plan.counts())?;
    }
    Ok(Exit::Done)
}
