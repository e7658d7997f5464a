//! `cargo xtask bench`: measures oncue and its peers side by side in one run.

mod bars;
mod bus;
mod bus_cold;
mod bus_install;
mod bus_server;
mod bus_warm;
mod commit;
mod core;
mod first_build;
mod heap;
mod hostile;
mod hostile_deed;
mod ours;
mod ours_stage;
mod ours_task;
mod placement;
mod report;
mod room;
mod samples;
mod socket;
mod spawn;
mod subject;
mod unmeasured;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::{Parser, Subcommand};

use crate::build;
use bus::PrivateBus;
use placement::Placement;
use report::Report;
use room::Room;
use subject::Subject;
use unmeasured::Unmeasured;

/// Measure oncue beside its peers, in one run
///
/// The figures go to standard output. Needs an otherwise idle machine, and dbus-daemon for the figures of
/// the bus. Takes 5 minutes, with `--quick` 1; with `--first-build` 5 as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Parser)]
pub(crate) struct Options {
    /// Measure fewer rounds: enough to see that everything works, too few for reliable results
    #[arg(long)]
    quick: bool,
    /// Print one JSON document instead of a table
    #[arg(long)]
    json: bool,
    /// Measure only the README's two commands in a fresh clone
    #[arg(long, conflicts_with = "quick")]
    first_build: bool,
}

impl Options {
    /// The words that are parsed into these options.
    fn words(self) -> impl Iterator<Item = &'static str> {
        let quick = self.quick.then_some("--quick");
        let json = self.json.then_some("--json");
        quick.into_iter().chain(json)
    }
}

/// The other process of a measurement.
#[derive(Debug, Subcommand)]
pub(crate) enum Server {
    /// Sends back what it receives on its standard input.
    Echo,
    /// Answers calls on a bus.
    Bus { address: String },
    /// Runs the bench's own tasks.
    Serve { kind: ours_task::Kind },
    /// Registers one of them.
    Task { kind: ours_task::Kind },
    /// Is a client that means harm.
    Hostile { deed: hostile_deed::Deed, socket: PathBuf, cpu: usize },
    /// Registers many tasks.
    Register { how: ours_task::How, count: usize },
}

/// Builds this program in release mode and lets that build measure.
pub(crate) fn run(options: &Options, workspace: &Path) -> ExitCode {
    if options.first_build {
        return measure_first_build(options, workspace);
    }
    eprintln!("bench: building in release");
    let program = match build::release("xtask") {
        Ok(program) => program,
        Err(error) => return stop(&error),
    };
    // Built before anything is pinned to a CPU, because cargo would inherit that.
    let broker = match build::release("oncue-cli") {
        Ok(broker) => broker,
        Err(error) => return stop(&error),
    };
    let mut measure = Command::new(program);
    measure.arg("bench-measure").args(options.words()).env(ours_stage::BROKER, broker);
    let measure = measure.status();
    match measure {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => stop(&error),
    }
}

/// Not pinned to a CPU, unlike the other measurements: a person's build uses all of them.
fn measure_first_build(options: &Options, workspace: &Path) -> ExitCode {
    match first_build::measure(workspace) {
        Ok(built) if options.json => println!("{:#}", built.json()),
        Ok(built) => print!("{built}"),
        Err(error) => return stop(&error),
    }
    ExitCode::SUCCESS
}

/// Takes every measurement and prints the report. What cannot be measured is reported and left out.
/// A goal that is not met does not change the exit code, because a busy machine can miss any goal.
pub(crate) fn measure(options: &Options) -> ExitCode {
    match take_all(options) {
        Ok(report) if options.json => println!("{:#}", report.json()),
        Ok(report) => print!("{report}"),
        Err(error) => return stop(&error),
    }
    ExitCode::SUCCESS
}

fn take_all(options: &Options) -> Result<Report, Unmeasured> {
    let placement = Placement::share_one_cpu()?;
    let room = Room::new(options.quick, placement)?;
    let mut report = Report::new(options.quick, placement.shared);
    report.take(Subject::Socket, || socket::measure(&room));
    report.take(Subject::Spawn, || spawn::measure(&room));
    report.take(Subject::Commit, || commit::measure(&room));
    match PrivateBus::start(&room) {
        Ok(bus) => {
            report.take(Subject::BusWarm, || bus_warm::measure(&room, &bus));
            report.take(Subject::BusCold, || bus_cold::measure(&room, &bus));
        }
        Err(why) => report.leave_out("dbus-daemon", &why),
    }
    ours::measure(&room, &mut report);
    measure_core(options, &mut report);
    Ok(report)
}

/// The core alone. The largest size takes long, so a quick run leaves it out.
fn measure_core(options: &Options, report: &mut Report) {
    let (sizes, events) =
        if options.quick { (&core::SIZES[..2], 100_000) } else { (&core::SIZES[..], 1_000_000) };
    for tasks in sizes {
        eprintln!("bench: core, {tasks} tasks");
        report.note(core::measure(*tasks, events).to_string());
    }
}

/// Acts as the other process of a measurement.
pub(crate) fn serve(server: &Server) -> ExitCode {
    let served = match server {
        Server::Echo => socket::serve(),
        Server::Bus { address } => bus_server::serve(address),
        Server::Serve { kind } => ours_task::serve(*kind),
        Server::Task { kind } => ours_task::register_task(*kind),
        Server::Hostile { deed, socket, cpu } => hostile_deed::serve(*deed, socket, *cpu),
        Server::Register { how, count } => ours_task::register(*how, *count),
    };
    served.map_or_else(|error| stop(&error), |()| ExitCode::SUCCESS)
}

fn stop(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("bench: {error}");
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_survive_the_way_to_the_release_build() {
        for words in [vec![], vec!["--quick"], vec!["--quick", "--json"]] {
            let options = Options::try_parse_from(["bench"].iter().chain(&words)).unwrap();
            assert_eq!(options.words().collect::<Vec<_>>(), words);
        }
    }
}
