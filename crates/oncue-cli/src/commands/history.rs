//! `oncue history`: what became of firings, from the ledger.

use std::io::Write as _;

use clap::Args;
use oncue::tools::{Broker, Entry};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::json;
use crate::render::screen::Screen;
use crate::render::style;
use crate::render::table::{Cell, Column, Table};
use crate::render::time::{Clock, length};
use crate::render::words;
use crate::which;

/// How many entries are looked through for a task that is no longer registered: the most that the
/// broker gives at once.
const ALL: u32 = 0;

/// Show what became of firings, latest first
///
/// The ledger also has what did not run: skipped, dropped and not activated firings.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  oncue history\n  oncue history SampleTask -n 5\n  oncue history --package Primes --json"
)]
pub(crate) struct Arguments {
    /// Only of this task: its name, package/name, or the start of its id
    #[arg(conflicts_with = "package")]
    task: Option<String>,
    /// Only of this package
    #[arg(long, value_name = "PACKAGE")]
    package: Option<String>,
    /// At most so many entries
    #[arg(short = 'n', long = "most", value_name = "N", default_value_t = 20)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=2000))]
    most: u32,
    /// Write JSON, as docs/interface/json.md describes it
    #[arg(long)]
    json: bool,
}

const COLUMNS: [Column; 6] = [
    Column::new("FIRED", 8, 0),
    Column::new("NAME", 12, 0),
    Column::new("OUTCOME", 17, 0),
    Column::new("TOOK", 8, 2),
    Column::new("PROGRESS", 8, 3),
    Column::new("MESSAGE", 16, 1),
];

/// Shows the ledger.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    let entries = match (&arguments.task, &arguments.package) {
        (Some(named), _) => of_task(&broker, named, arguments.most)?,
        (None, Some(named)) => {
            let package = which::package(&broker, named)?;
            broker.history(None, Some(&package.family_name), arguments.most)?
        }
        (None, None) => broker.history(None, None, arguments.most)?,
    };
    let (clock, mut screen) = (Clock::here(), Screen::open());
    if arguments.json {
        let entries: Vec<_> = entries.iter().map(|entry| json::Run::of(entry, &clock)).collect();
        screen.json(&entries)?;
    } else if entries.is_empty() {
        writeln!(screen, "nothing has fired yet")?;
    } else {
        let drawn = table(&entries, &clock).draw(screen.width());
        screen.write_all(drawn.as_bytes())?;
    }
    Ok(Exit::Done)
}

/// A task that is no longer registered is found in the ledger itself.
fn of_task(broker: &Broker, named: &str, most: u32) -> Result<Vec<Entry>, Failure> {
    match which::task(broker, named) {
        Ok(task) => Ok(broker.history(Some(&task.task_id), None, most)?),
        Err(not_registered @ Failure::NoTask { .. }) => {
            let mut entries = broker.history(None, None, ALL)?;
            entries.retain(|entry| is_of(entry, named));
            entries.truncate(usize::try_from(most).unwrap_or(usize::MAX));
            if entries.is_empty() { Err(not_registered) } else { Ok(entries) }
        }
        Err(failure) => Err(failure),
    }
}

fn is_of(entry: &Entry, named: &str) -> bool {
    let by_package = || {
        let (package, name) = named.rsplit_once('/')?;
        let package = package == entry.package || package == words::short_package(&entry.package);
        Some(package && name == entry.name)
    };
    entry.name == named
        || entry.task_id.starts_with(&named.to_ascii_lowercase())
        || by_package().unwrap_or(false)
}

fn table(entries: &[Entry], clock: &Clock) -> Table {
    let mut table = Table::new(&COLUMNS);
    for entry in entries {
        let took = entry.started_at.map(|started_at| length(entry.ended_at.saturating_sub(started_at)));
        table.row(vec![
            clock.brief(entry.fired_at).into(),
            (&entry.name).into(),
            Cell::styled(&words::ending(entry), style::of_outcome(&entry.outcome)),
            took.unwrap_or_default().into(),
            entry.progress.map(|progress| progress.to_string()).unwrap_or_default().into(),
            message(entry).into(),
        ]);
    }
    table
}

/// How the process ended, and the last line of what the run left.
fn message(entry: &Entry) -> String {
    let last = entry.message.iter().flat_map(|text| text.lines().rev()).find(|line| !line.trim().is_empty());
    let parts: Vec<&str> = entry.exit_status.as_deref().into_iter().chain(last.map(str::trim)).collect();
    parts.join(": ")
}
