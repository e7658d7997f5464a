//! `oncue why`: what a task is waiting for, or what it was doing at an instant.

mod gone;
mod now;
mod shape;
mod then;

pub(super) use now::Now;
pub(super) use then::Then;

use std::io::Write as _;

use clap::Args;
use oncue::tools::{Broker, Wall, system_time};

use crate::commands::why::gone::Gone;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::instant;
use crate::kept::Kept;
use crate::render::screen::Screen;
use crate::render::time::Clock;
use crate::which::{self, WhichError};

/// Explain why a task runs, or why it does not
///
/// Shows what the task is waiting for, since when, and which source reports that; what you can do;
/// when it fires next; and its last three entries in the ledger. For a task that no longer exists,
/// such as a one-shot that has run, shows its last firings. With --at, shows what the task was
/// doing at that time.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  oncue why SampleTask\n  oncue why SampleTask --at 10:30\n  \
    oncue why SampleTask --at 'yesterday 22:15'\n  oncue why SampleTask --at 2026-11-22T10:30:00Z")]
pub(crate) struct Arguments {
    /// The task's name, package/name, or the start of its id
    task: String,
    /// Show what it was doing then: 10:30, yesterday 10:30, 2026-11-22 10:30, or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = instant::parse_past)]
    at: Option<Wall>,
    /// Write JSON, as described in docs/interface/json.md
    #[arg(long)]
    json: bool,
}

/// Explains why.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    let (clock, kept, mut screen) = (Clock::here(), Kept::here(), Screen::open());
    let task = match which::task(&broker, &arguments.task) {
        Err(unknown @ WhichError::NoTask { .. }) => {
            Err(Gone::find(&broker, &arguments.task)?.ok_or(unknown)?)
        }
        task => Ok(task?),
    };
    if let Some(at) = arguments.at {
        let why = match &task {
            Ok(task) => broker.why_at(task.task_id, system_time(at))?,
            Err(gone) => gone.at(&broker, system_time(at))?,
        };
        let then = Then { why: &why, at, is_gone: task.is_err(), kept: &kept };
        if arguments.json {
            screen.json(&shape::Instant::of(&then, &clock))?;
        } else {
            screen.write_all(then.draw(&clock, screen.width()).as_bytes())?;
        }
        return Ok(Exit::Done);
    }
    let task = match task {
        Ok(task) => task,
        Err(gone) => {
            if arguments.json {
                screen.json(&gone.shape(&clock, &kept))?;
            } else {
                screen.write_all(gone.draw(&clock, &kept, screen.width()).as_bytes())?;
            }
            return Ok(Exit::Done);
        }
    };
    let why = broker.why(task.task_id)?;
    let now = Now { why: &why, named: &arguments.task, kept: &kept };
    if arguments.json {
        screen.json(&shape::Why::of(&now, &clock))?;
    } else {
        screen.write_all(now.draw(&clock, screen.width()).as_bytes())?;
    }
    Ok(Exit::Done)
}
