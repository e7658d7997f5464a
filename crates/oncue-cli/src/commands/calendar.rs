//! `oncue calendar`: when a calendar expression fires.

mod failure;
mod outlook;
mod shape;

use std::io::Write as _;

use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use failure::CalendarFailure;
use outlook::Outlook;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::instant;
use crate::render::report::warn;
use crate::render::screen::Screen;
use crate::zone;

/// Show when a calendar expression fires
///
/// EXPR is an OnCalendar expression as described in systemd.time(7): `Mon..Fri 9:00`,
/// `*-*-01 12:00 Europe/Berlin`, `daily`. It can also be the word `cron` and the five fields of
/// crontab(5): `cron */5 * * * *`. `@daily` and the like do not need the word `cron`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  oncue calendar 'Mon..Fri 9:00'\n  \
    oncue calendar 'Mon *-05~07/1 12:00 America/New_York' --count 3\n  \
    oncue calendar 'cron */20 8-18 * * 1-5' --from 'tomorrow 7:00'\n  \
    oncue calendar '*-02-29' --json | jq -r '.firings[].at'")]
pub(crate) struct Arguments {
    /// The expression, as one argument
    #[arg(value_name = "EXPR")]
    expression: String,
    /// How many firings to show
    #[arg(short = 'n', long, value_name = "N", default_value_t = 5)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    count: u32,
    /// Begin at this time instead of now: 10:30, tomorrow 10:30, 2026-11-22 10:30, or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = instant::parse)]
    from: Option<Timestamp>,
    /// Write JSON, as described in docs/interface/json.md
    #[arg(long)]
    json: bool,
}

/// Shows when an expression fires.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let now = Timestamp::now();
    let from = arguments.from.unwrap_or(now);
    let count = usize::try_from(arguments.count).unwrap_or(usize::MAX);
    let outlook = Outlook::of(&arguments.expression, TimeZone::system(), from, count)?;
    if let Err(unknown) = zone::check() {
        warn(&unknown.to_string(), unknown.way_out());
    }
    let mut screen = Screen::open();
    if arguments.json {
        screen.json(&shape::Calendar::of(&outlook))?;
    } else {
        screen.write_all(outlook.draw(screen.width()).as_bytes())?;
    }
    Ok(Exit::Done)
}
