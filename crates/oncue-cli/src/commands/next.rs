//! `oncue next`: what will run when, from the core itself, played ahead.

mod drawn;
mod idle;
#[cfg(test)]
pub(super) mod sample;
mod shape;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::time::Duration;

use clap::Args;
use oncue::tools::{Broker, TaskId, TaskInfo};
use oncue_types::{SpanError, parse_span};

use crate::ahead::Ahead;
use crate::commands::next::drawn::Drawn;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::screen::Screen;
use crate::render::time::Clock;
use crate::which;

pub(super) use idle::{held_by, reason};
pub(super) use shape::Run as ComingRun;

/// Show what will run when, and what will not run
///
/// Plays ahead what the broker will do, if facts stay as they are now and every run completes after its usual
/// duration, which is the median of its last completed runs. Counts how often the machine has to wake up, and
/// names runs that have to wait for other runs. A task that runs often is shown once, with the number of runs.
/// Nothing is started or changed.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  oncue next\n  oncue next backup sync --for 30d\n  oncue next --for 2h --all\n  \
    oncue next --json | jq -r '.runs[] | \"\\(.at) \\(.name)\"'"
)]
pub(crate) struct Arguments {
    /// Only these tasks: their names, package/name, or the starts of their ids
    #[arg(value_name = "TASK")]
    tasks: Vec<String>,
    /// How far to look ahead: 2h, 7d, 30d
    #[arg(long = "for", value_name = "SPAN", default_value = "7d", value_parser = span)]
    span: Duration,
    /// Show every run, instead of the first one of a task that runs often
    #[arg(long)]
    all: bool,
    /// Write JSON, as described in docs/interface/json.md
    #[arg(long)]
    json: bool,
}

/// A task that runs more often is shown once.
const FEW: usize = 3;

/// The maximum number of runs of one task with `--all` and in JSON.
const MANY: usize = 1_000;

fn span(text: &str) -> Result<Duration, SpanError> {
    parse_span(text)
}

/// Shows what comes.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    let chosen = chosen(&broker, &arguments.tasks)?;
    let (clock, mut screen) = (Clock::here(), Screen::open());
    let most = if arguments.all || arguments.json { MANY } else { FEW };
    let ahead = Ahead::look(&broker, clock.now(), clock.now().after(arguments.span), most)?;
    let is_chosen = |task: &TaskInfo| chosen.as_ref().is_none_or(|chosen| chosen.contains(&task.task_id));
    let tasks: Vec<&TaskInfo> = ahead.tasks.iter().filter(|task| is_chosen(task)).collect();
    if arguments.json {
        screen.json(&shape::Next::of(&ahead, &tasks, &clock))?;
    } else {
        let drawn = Drawn { ahead: &ahead, tasks: &tasks, clock: &clock };
        screen.write_all(drawn.draw(screen.width()).as_bytes())?;
    }
    Ok(Exit::Done)
}

/// Returns the tasks that the user names, or `None` for all.
pub(super) fn chosen(broker: &Broker, named: &[String]) -> Result<Option<BTreeSet<TaskId>>, Failure> {
    if named.is_empty() {
        return Ok(None);
    }
    let ids = named.iter().map(|named| which::task(broker, named).map(|task| task.task_id));
    Ok(Some(ids.collect::<Result<_, _>>()?))
}
