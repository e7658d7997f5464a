//! `oncue why`: what a task is waiting for, or what it did at an instant.

mod instant;
mod now;
mod shape;
mod then;

use std::io::Write as _;

use clap::Args;
use oncue::tools::Broker;

use crate::commands::why::now::Now;
use crate::commands::why::then::Then;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::screen::Screen;
use crate::render::time::Clock;
use crate::render::words::own;
use crate::which;

/// How many of the last firings are told.
const FIRINGS: u32 = 3;
/// As many entries of the ledger as the broker gives at once.
const ALL: u32 = 0;

/// Say why a task runs, or why it does not
///
/// What it is waiting for, since when and who says so; what can be done; when it fires next; what
/// happened the last three times. With --at: what it did at an instant, from the ledger.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  oncue why SampleTask\n  oncue why SampleTask --at 10:30\n  \
    oncue why SampleTask --at 'yesterday 22:15'\n  oncue why SampleTask --at 2026-11-22T10:30:00Z")]
pub(crate) struct Arguments {
    /// Its name, package/name, or the start of its id
    task: String,
    /// Say what it did then: 10:30, yesterday 10:30, 2026-11-22 10:30, or as RFC 3339 has it
    #[arg(long, value_name = "TIME", value_parser = instant::parse)]
    at: Option<i64>,
    /// Write JSON, as docs/interface/json.md describes it
    #[arg(long)]
    json: bool,
}

/// Says why.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    let task = which::task(&broker, &arguments.task)?;
    let (clock, mut screen) = (Clock::here(), Screen::open());
    if let Some(at) = arguments.at {
        let entries = own(broker.history(Some(&task.task_id), None, ALL)?);
        let then = Then::of(&task, &entries, at);
        if arguments.json {
            screen.json(&shape::Instant::of(&then, &clock))?;
        } else {
            screen.write_all(then.draw(&clock, screen.width()).as_bytes())?;
        }
        return Ok(Exit::Done);
    }
    let facts = broker.facts()?;
    let mut runs = own(broker.history(Some(&task.task_id), None, 2 * FIRINGS)?);
    runs.truncate(FIRINGS as usize);
    let now = Now { task: &task, named: &arguments.task, facts: &facts, runs: &runs };
    if arguments.json {
        screen.json(&shape::Why::of(&now, &clock))?;
    } else {
        screen.write_all(now.draw(&clock, screen.width()).as_bytes())?;
    }
    Ok(Exit::Done)
}
