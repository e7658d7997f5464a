//! `oncue pause`: lets nothing start for a while.

use std::io::Write as _;
use std::time::Duration;

use clap::{ArgGroup, Args};
use oncue::Cancel;
use oncue::tools::{Broker, PauseEnd, PauseInfo, PauseScope, Paused, TaskInfo, Wall};
use oncue_types::{SpanError, parse_span};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::instant;
use crate::render::blocked::handle;
use crate::render::clean::clean;
use crate::render::pause::Whose;
use crate::render::screen::Screen;
use crate::render::time::Clock;
use crate::which;

/// Pause a task or all tasks: nothing starts, and what fires is held
///
/// Current runs finish, unless --cancel. What fires is held and counted, even if it is forced, and
/// is judged when the pause ends. A pause lasts until you resume, or until the end that --for or
/// --until sets, and survives a restart of the broker and of the machine. Pausing again replaces
/// the end. The pause of one task and the pause of all are independent of each other.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).args(["task", "all"])))]
#[command(after_help = "Examples:\n  oncue pause SampleTask\n  oncue pause --all --for 2h\n  \
    oncue pause --all --until 18:00 --cancel\n  oncue pause SampleTask --until 'tomorrow 9:00'")]
pub(crate) struct Arguments {
    /// The task's name, package/name, or the start of its id (at least 8 characters)
    task: Option<String>,
    /// Pause all tasks, including those that are registered later
    #[arg(long)]
    all: bool,
    /// End the pause after this time: 30m, 2h, 1d12h
    #[arg(long = "for", value_name = "SPAN", value_parser = span, conflicts_with = "until")]
    lasts: Option<Duration>,
    /// End the pause then: 18:00 (the next time the clock shows it), tomorrow 9:00, 2026-11-22 10:30, or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = instant::parse_future)]
    until: Option<Wall>,
    /// Cancel current runs, with the reason Abort
    #[arg(long)]
    cancel: bool,
}

fn span(text: &str) -> Result<Duration, SpanError> {
    parse_span(text)
}

/// Pauses a task or all tasks.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    let end = match (arguments.until, arguments.lasts) {
        (Some(at), _) => PauseEnd::At(at),
        (None, Some(span)) => PauseEnd::After(span),
        (None, None) => PauseEnd::WhenResumed,
    };
    let cancel = if arguments.cancel { Cancel::Yes } else { Cancel::No };
    let clock = Clock::here();
    let said = match &arguments.task {
        Some(named) => {
            let task = which::task_to_change(&broker, named)?;
            let paused = broker.pause(PauseScope::Task(task.task_id), end, cancel)?;
            of_task(&task, &handle(&task, named), &paused, &clock)
        }
        None => {
            let before = broker.about()?.all_paused;
            of_all(before, &broker.pause(PauseScope::All, end, cancel)?, &clock)
        }
    };
    writeln!(Screen::open(), "{said}")?;
    Ok(Exit::Done)
}

/// Describes the pause of a task.
fn of_task(task: &TaskInfo, handle: &str, paused: &Paused, clock: &Clock) -> String {
    let verb = if task.paused.is_some() { "stays paused, now" } else { "is paused" };
    let until = until(Whose::Task(handle), paused, clock);
    let run = match (paused.cancelled, task.instance_id) {
        (0, None) => "",
        (0, Some(_)) => "; its run continues",
        (1.., _) => "; its run is being cancelled",
    };
    format!("{} {verb} {until}{run}", clean(&task.name))
}

/// Describes the pause of all tasks.
fn of_all(before: Option<PauseInfo>, paused: &Paused, clock: &Clock) -> String {
    let verb = if before.is_some() { "stay paused, now" } else { "are paused" };
    let until = until(Whose::All, paused, clock);
    let runs = match paused.cancelled {
        0 => String::new(),
        1 => "; 1 run is being cancelled".to_owned(),
        runs => format!("; {runs} runs are being cancelled"),
    };
    format!("all tasks {verb} {until}{runs}")
}

/// Returns when the pause ends, or how to end it.
fn until(whose: Whose<'_>, paused: &Paused, clock: &Clock) -> String {
    let pause = paused.pause.unwrap_or_default();
    match pause.until {
        Some(_) => whose.until(pause, clock),
        None => format!("{}: {}", whose.until(pause, clock), whose.resume()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sample::{self, NOW, guid, minutes};
    use jiff::tz::TimeZone;
    use oncue::TaskState;
    use oncue::tools::InstanceId;

    #[test]
    fn what_is_said_names_the_end_and_what_runs() {
        let clock = Clock::at(NOW, TimeZone::UTC);
        let pause = |until| Some(PauseInfo { since: NOW, until });
        let paused = |until, cancelled| Paused { pause: pause(until), cancelled };
        let (ends, task) = (Some(minutes(120)), sample::task(TaskState::Armed));
        let runs = TaskInfo { instance_id: Some(InstanceId(guid(7))), ..task.clone() };
        let again = TaskInfo { paused: pause(None), ..task.clone() };
        let of_task = |task, paused| of_task(task, "sync", &paused, &clock);
        let of_all = |before, paused| of_all(before, &paused, &clock);
        for (said, expected) in [
            (of_task(&task, paused(ends, 0)), "sync is paused until 04:00:00 (in 2 h)"),
            (of_task(&task, paused(None, 0)), "sync is paused until you resume it: `oncue resume sync`"),
            (of_task(&again, paused(ends, 0)), "sync stays paused, now until 04:00:00 (in 2 h)"),
            (of_task(&runs, paused(ends, 0)), "sync is paused until 04:00:00 (in 2 h); its run continues"),
            (
                of_task(&runs, paused(ends, 1)),
                "sync is paused until 04:00:00 (in 2 h); its run is being cancelled",
            ),
            (
                of_all(None, paused(None, 0)),
                "all tasks are paused until you resume them: `oncue resume --all`",
            ),
            (
                of_all(pause(None), paused(ends, 2)),
                "all tasks stay paused, now until 04:00:00 (in 2 h); 2 runs are being cancelled",
            ),
        ] {
            assert_eq!(said, expected);
        }
    }
}
