//! `oncue timeline`: what has happened and what comes, side by side for all tasks.

mod axis;
mod coming;
mod gather;
mod lane;
mod mark;
mod page;
mod past;
#[cfg(test)]
mod sample;
mod shape;
mod text;

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use oncue::tools::{Broker, Wall};

use crate::commands::next::chosen;
use crate::commands::timeline::gather::Timeline;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::file;
use crate::instant;
use crate::kept::Kept;
use crate::render::screen::Screen;
use crate::render::time::Clock;

/// Show what ran, what was held, and what comes, on a common axis of time
///
/// In the terminal, each task is one line. With -o, the timeline is a page of HTML for a browser, in one file
/// that needs nothing else: it shows every run and every hold, and tells on a click what `oncue why` tells about
/// that moment. What comes is played ahead as by `oncue next`, and drawn differently.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  oncue timeline\n  oncue timeline backup sync --since 7d --until +0h\n  \
    oncue timeline --since 7d -o week.html && xdg-open week.html\n  oncue timeline --json"
)]
pub(crate) struct Arguments {
    /// Only these tasks: their names, package/name, or the starts of their ids
    #[arg(value_name = "TASK")]
    tasks: Vec<String>,
    /// Begin then: 24h (ago), 10:30, yesterday, yesterday 10:30, 2026-11-22, or RFC 3339
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = instant::parse_since)]
    since: Wall,
    /// End then: +24h (from now), 18:00, tomorrow 9:00, 2026-11-22 10:30, or RFC 3339
    #[arg(long, value_name = "TIME", default_value = "+24h", value_parser = instant::parse_until)]
    until: Wall,
    /// Write a page of HTML to this file
    #[arg(short, long, value_name = "FILE.html", conflicts_with = "json")]
    output: Option<PathBuf>,
    /// Write JSON, as described in docs/interface/json.md
    #[arg(long)]
    json: bool,
}

/// Shows the timeline.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    let chosen = chosen(&broker, &arguments.tasks)?;
    let (clock, kept, mut screen) = (Clock::here(), Kept::here(), Screen::open());
    let until = arguments.until.max(clock.now());
    let timeline = Timeline::gather(&broker, chosen.as_ref(), (arguments.since, clock.now(), until))?;
    match &arguments.output {
        Some(path) => {
            file::replace(path, &page::page(&timeline, &clock, &kept))?;
            writeln!(screen, "{}", path.display())?;
        }
        None if arguments.json => screen.json(&shape::Timeline::of(&timeline, &clock, &kept))?,
        None => screen.write_all(text::draw(&timeline, &clock, screen.width()).as_bytes())?,
    }
    Ok(Exit::Done)
}
