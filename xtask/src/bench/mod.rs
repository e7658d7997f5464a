//! `cargo xtask bench`: measures oncue and its peers side by side in one run.

mod bars;
mod bus;
mod bus_cold;
mod bus_install;
mod bus_server;
mod bus_warm;
mod commit;
mod core;
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

use std::path::Path;
use std::process::{Command, ExitCode};

use crate::build;
use bus::PrivateBus;
use placement::Placement;
use report::Report;
use room::Room;
use subject::Subject;
use unmeasured::Unmeasured;

/// What the caller asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Fewer rounds: enough to see that everything works, too few for reliable results.
    quick: bool,
    /// One JSON document instead of the table.
    json: bool,
}

impl Options {
    /// Parses the words after the verb; `None` if one of them is unknown.
    pub(crate) fn parse(words: &[&str]) -> Option<Self> {
        let mut options = Self::default();
        for word in words {
            match *word {
                "--quick" => options.quick = true,
                "--json" => options.json = true,
                _ => return None,
            }
        }
        Some(options)
    }

    fn words(self) -> impl Iterator<Item = &'static str> {
        let quick = self.quick.then_some("--quick");
        let json = self.json.then_some("--json");
        quick.into_iter().chain(json)
    }
}

/// Builds this program in release mode and lets that build measure.
pub(crate) fn run(options: &Options) -> ExitCode {
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

/// Acts as the other process of a measurement; `None` if there is no such server.
pub(crate) fn serve(words: &[&str]) -> Option<ExitCode> {
    let served = match words {
        ["echo"] => socket::serve(),
        ["bus", address] => bus_server::serve(address),
        ["serve", word] => ours_task::serve(word),
        ["task", word] => ours_task::register_task(word),
        ["hostile", deed, socket, cpu] => {
            hostile_deed::serve(deed, Path::new(socket), cpu.parse().unwrap_or_default())
        }
        ["register", how, count] => ours_task::register(how, count.parse().unwrap_or_default()),
        _ => return None,
    };
    Some(served.map_or_else(|error| stop(&error), |()| ExitCode::SUCCESS))
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
            let options = Options::parse(&words).unwrap();
            assert_eq!(options.words().collect::<Vec<_>>(), words);
        }
    }

    #[test]
    fn an_unknown_option_is_refused() {
        assert_eq!(Options::parse(&["--quik"]), None);
    }

    #[test]
    fn an_unknown_server_is_refused() {
        assert!(serve(&["echoes"]).is_none());
    }
}
