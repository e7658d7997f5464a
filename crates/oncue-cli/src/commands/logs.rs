//! `oncue logs`: what runs wrote to standard output and standard error.

mod choose;
mod follow;
pub(in crate::commands) mod page;

use std::io::{self, Write as _};

use clap::Args;
use oncue::tools::Broker;
use oncue_broker::output::{Archive, KeptRun, Reading};
use oncue_wire::Place;

use crate::commands::logs::choose::{Choice, Found, Wanted};
use crate::commands::logs::page::Page;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::screen::Screen;

/// Show what a task's runs wrote to standard output and standard error
///
/// Shows the last run, unless you choose others. If several runs share a task server, each has what the
/// server wrote during it. Also works for tasks that are no longer registered, and without a broker.
///
/// The files are in `$XDG_STATE_HOME/oncue/output`; how much is kept, and how long, is set in the section
/// `output` of config.toml.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  oncue logs SampleTask\n  oncue logs SampleTask --failed\n  \
    oncue logs SampleTask --follow\n  oncue logs SampleTask --last 10 | grep -i error\n  \
    oncue logs Primes/SampleTask --run 4a5b6c7d --json")]
pub(crate) struct Arguments {
    /// The task's name, package/name, or the start of its id
    task: String,
    /// Show the run whose id begins with this; `oncue history` shows the ids
    #[arg(long, value_name = "ID", conflicts_with_all = ["failed", "last"])]
    run: Option<String>,
    /// Show the last run that failed, crashed, was killed, was lost or was not activated
    #[arg(long, conflicts_with = "last")]
    failed: bool,
    /// Show the last N runs that wrote something
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    last: Option<u32>,
    /// Continue with what the current run writes, until it ends; Ctrl-C stops following, but not the run
    #[arg(short, long, conflicts_with_all = ["run", "failed", "last"])]
    follow: bool,
    /// Write one JSON object for each line, as described in docs/interface/json.md
    #[arg(long)]
    json: bool,
}

/// Shows the output.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let archive = Archive::of(&Place::find()?);
    let broker = match Broker::connect_running() {
        // The files say what there is to say.
        Err(error) if error.is_unreachable() => None,
        broker => Some(broker?),
    };
    let found = Found::task(&archive, broker.as_ref(), &arguments.task)?;
    let mut page = Page::open(&found.name, arguments.json);
    if let (true, Some(broker), Some(run)) = (arguments.follow, &broker, found.alive) {
        return follow::to_the_end(&archive, broker, found.id, run, &mut page);
    }
    if let (None, Some(broker)) = (found.alive, &broker) {
        follow::wait_for_last_lines(&archive, broker, found.id)?;
    }
    let wanted = match (&arguments.run, arguments.failed, arguments.last) {
        (Some(run), ..) => Wanted::Run(run),
        (None, true, _) => Wanted::Failed,
        (None, false, Some(most)) => Wanted::Last(most),
        (None, false, None) => Wanted::Latest,
    };
    match found.choose(&archive, broker.as_ref(), wanted)? {
        Choice::Runs(runs) => runs.iter().try_for_each(|run| show(&archive, &found, run, &mut page))?,
        Choice::Nothing(_) if arguments.json => {}
        Choice::Nothing(why) => writeln!(Screen::open(), "{why}")?,
    }
    Ok(Exit::Done)
}

fn show(archive: &Archive, found: &Found, run: &KeptRun, page: &mut Page) -> Result<(), Failure> {
    page.begin(run.instance, Some(run.began))?;
    let mut reading = Reading::of(archive, found.id, run.instance);
    Ok(reading.read(|line| page.line(&line).map_err(Broken::Page))?)
}

/// Why output could not be passed on.
#[derive(Debug)]
enum Broken {
    /// Its file cannot be read.
    File(io::Error),
    /// It cannot be written to standard output.
    Page(io::Error),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl From<Broken> for Failure {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::File(error) => Self::new(Exit::Failed, Unreadable(error)),
            Broken::Page(error) => error.into(),
        }
    }
}

/// The file of a run cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("reading the output of a run")]
struct Unreadable(#[source] io::Error);
