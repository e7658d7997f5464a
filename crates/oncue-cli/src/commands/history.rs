//! `oncue history`: how firings ended, from the ledger.

use std::io::Write as _;

use clap::Args;
use oncue::tools::{Broker, Entry, Of, Wall};
use oncue::why::went_wrong;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::instant;
use crate::kept::Kept;
use crate::ledger;
use crate::render::ids;
use crate::render::json;
use crate::render::screen::Screen;
use crate::render::style::{self, FAINT, paint};
use crate::render::table::{Cell, Column, Table};
use crate::render::time::{Clock, length};
use crate::render::words;
use crate::which::{self, WhichError};

/// Show past firings and their outcomes, most recent first
///
/// Includes firings that did not run: skipped, dropped and not activated. Entries are kept for 90
/// days, at most 1,000 for each task, unless config.toml says otherwise.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  oncue history\n  oncue history SampleTask -n 5\n  oncue history --failed --since yesterday\n  \
    oncue history --since '2026-11-22 10:30' --package Primes\n  oncue history --package Primes --json"
)]
pub(crate) struct Arguments {
    /// Only this task: its name, package/name, or the start of its id; or only the run with this id
    #[arg(conflicts_with = "package")]
    task: Option<String>,
    /// Only this package
    #[arg(long, value_name = "PACKAGE")]
    package: Option<String>,
    /// Only firings that failed, crashed, were killed, were lost or were not activated
    #[arg(long)]
    failed: bool,
    /// Only firings that ended since then: 2h, 10:30, yesterday, yesterday 10:30, 2026-11-22, or
    /// RFC 3339
    #[arg(long, value_name = "TIME", value_parser = instant::parse_since)]
    since: Option<Wall>,
    /// Show at most N entries [default: 20; with --since, all]
    #[arg(short = 'n', long = "most", value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    most: Option<u32>,
    /// Write JSON, as described in docs/interface/json.md
    #[arg(long)]
    json: bool,
}

/// How many entries are shown by default.
const MOST: u32 = 20;

const COLUMNS: [Column; 8] = [
    Column::new("ENDED", 8, 0),
    Column::new("NAME", 12, 0),
    Column::new("OUTCOME", 17, 0),
    Column::new("FIRED", 8, 5),
    Column::new("TOOK", 8, 2),
    Column::new("PROGRESS", 8, 3),
    Column::new("MESSAGE", 16, 1),
    Column::new("RUN", 8, 4),
];

/// Shows the ledger.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    let mut entries = entries(&broker, arguments)?;
    // Entries are read in the order in which they were written. If the clock was set in between,
    // their times are in a different order.
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.ended_at));
    let (clock, kept, mut screen) = (Clock::here(), Kept::here(), Screen::open());
    if arguments.json {
        let entries: Vec<_> = entries.iter().map(|entry| json::Run::of(entry, &clock, &kept)).collect();
        screen.json(&entries)?;
    } else if entries.is_empty() {
        writeln!(screen, "{}", nothing(arguments))?;
    } else {
        let drawn = table(&entries, &clock).draw(screen.width());
        screen.write_all(drawn.as_bytes())?;
        if let Some(command) = entries.iter().find_map(|entry| kept.command(entry)) {
            writeln!(
                screen,
                "{}",
                paint(FAINT, &format!("output of the last one that went wrong: {command}"))
            )?;
        }
    }
    Ok(Exit::Done)
}

/// Says that there is nothing to show.
fn nothing(arguments: &Arguments) -> &'static str {
    match (arguments.failed, arguments.since) {
        (true, Some(_)) => "nothing has failed since then",
        (true, None) => "nothing has failed",
        (false, Some(_)) => "nothing has ended since then",
        (false, None) => "nothing has fired yet",
    }
}

fn entries(broker: &Broker, arguments: &Arguments) -> Result<Vec<Entry>, Failure> {
    let is_since = |entry: &Entry| arguments.since.is_none_or(|since| entry.ended_at >= since);
    let wanted = |entry: &Entry| is_since(entry) && (!arguments.failed || went_wrong(&entry.outcome));
    let most = arguments.most.unwrap_or(if arguments.since.is_some() { u32::MAX } else { MOST });
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let of = |of: Of<'_>| -> Result<Vec<Entry>, Failure> {
        let entries = broker.ledger(of).filter(|entry| entry.as_ref().map_or(true, wanted));
        Ok(entries.take(most).collect::<Result<_, _>>()?)
    };
    match (&arguments.task, &arguments.package) {
        (Some(named), _) => match which::task(broker, named) {
            Ok(task) => of(Of::Task(task.task_id)),
            Err(not_registered @ WhichError::NoTask { .. }) => {
                let entries = ledger::named(broker, named, wanted, most)?;
                let is_there =
                    || ledger::named(broker, named, |_| true, 1).map(|entries| !entries.is_empty());
                if entries.is_empty() && !is_there()? { Err(not_registered.into()) } else { Ok(entries) }
            }
            Err(error) => Err(error.into()),
        },
        (None, Some(named)) => of(Of::Package(&which::package(broker, named)?.family_name)),
        (None, None) => of(Of::All),
    }
}

fn table(entries: &[Entry], clock: &Clock) -> Table {
    let mut table = Table::new(&COLUMNS);
    let digits = ids::digits(entries.iter().map(|entry| entry.instance_id));
    for entry in entries {
        let took = entry.started_at.map(|started_at| length(entry.ended_at.since(started_at)));
        table.row(vec![
            clock.brief(entry.ended_at).into(),
            (&entry.name).into(),
            Cell::styled(&words::ending(entry), style::of_outcome(&entry.outcome)),
            clock.brief(entry.fired_at).into(),
            took.unwrap_or_default().into(),
            entry.progress.map(|progress| progress.to_string()).unwrap_or_default().into(),
            ids::shorten(&message(entry), digits).into(),
            Cell::styled(&ids::short(entry.instance_id, digits), FAINT),
        ]);
    }
    table
}

/// Returns how the process ended, and the last line of the run's message.
fn message(entry: &Entry) -> String {
    let last = entry.message.iter().flat_map(|text| text.lines().rev()).find(|line| !line.trim().is_empty());
    let exit = entry.exit_status.as_ref().map(ToString::to_string);
    exit.into_iter().chain(last.map(|line| line.trim().to_owned())).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sample::{self, NOW, assert_transcript};
    use jiff::tz::TimeZone;
    use oncue::tools::{Exit, Word};
    use oncue_types::{CancellationReason, Outcome};

    #[test]
    fn the_transcript_shows_each_kind_of_end() {
        let entries = [
            Entry { progress: Some(100), ..sample::entry(0x4a5b_6c7d) },
            sample::ended(Outcome::Failed, "reading the mailbox\nthe disk is full"),
            Entry {
                exit_status: Some(Exit::Signal(11).into()),
                ..sample::ended(Outcome::Crashed, "the last words\n")
            },
            Entry {
                outcome: Outcome::Cancelled.into(),
                reason: Some(CancellationReason::EnergySaver.into()),
                ..sample::entry(0x5a5b_6c7d)
            },
            Entry { started_at: None, firings: 3, ..sample::ended(Outcome::Skipped, "missed") },
            Entry { outcome: Word::read("put_off"), ..sample::entry(0x6a5b_6c7d) },
        ];
        assert_transcript("history", &table(&entries, &Clock::at(NOW, TimeZone::UTC)).draw(Some(110)));
    }
}
