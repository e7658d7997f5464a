//! `oncue run`: fires a task now, and follows its run on request.

mod ctrl_c;
mod following;
mod inside;

use std::io::Write as _;
use std::time::{Duration, Instant};

use clap::Args;
use oncue::tools::{Broker, Entry, FactInfo, Fired, RunState, TaskInfo, Word};
use oncue::{Force, Outcome};
use oncue_types::{SpanError, parse_span, show_span};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::kept::Kept;
use crate::render::blocked::{self, handle};
use crate::render::clean::clean;
use crate::render::json::{self, Text};
use crate::render::needs;
use crate::render::screen::Screen;
use crate::render::style::{self, HELD, paint};
use crate::render::time::Clock;
use crate::render::words;
use crate::which;
use following::{Followed, Following, Stood};

/// Fire a task now
///
/// Its conditions still decide whether it runs or is held, unless --force.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  oncue run SampleTask\n  oncue run --wait SampleTask && echo completed\n  \
    oncue run --wait --timeout 10m SampleTask\n\n\
    With --wait the exit code is 0 if the run completed, 1 if it ended otherwise or the timeout \
    expired first, and 3 if the task is held and only you can let it run: it is quarantined, \
    its package is denied, it is paused without an end, or a simulated fact holds it. The firing then waits until you do."
)]
pub(crate) struct Arguments {
    /// The task's name, package/name, or the start of its id (at least 8 characters)
    task: String,
    /// Run it regardless of its conditions
    #[arg(long)]
    force: bool,
    /// Follow the run until it ends; Ctrl-C asks whether to cancel the run or to stop following
    #[arg(long)]
    wait: bool,
    /// Stop following after this time: 30s, 10m, 1h30m
    #[arg(long, value_name = "SPAN", requires = "wait", value_parser = span)]
    timeout: Option<Duration>,
    /// Write JSON, as described in docs/interface/json.md
    #[arg(long)]
    json: bool,
}

fn span(text: &str) -> Result<Duration, SpanError> {
    parse_span(text)
}

/// Fires a task.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    let task = which::task_to_change(&broker, &arguments.task)?;
    if arguments.wait {
        inside::must_not_wait_for_own_queue(&broker, &task)?;
    }
    // A listener that starts after the firing could miss the end of a short run.
    let following = arguments.wait.then(|| Following::begin(&broker)).transpose()?;
    let deadline = arguments.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let fired = broker.fire(task.task_id, if arguments.force { Force::Yes } else { Force::No })?;
    let mut screen = Screen::open();
    if !arguments.json {
        let said = said(&task, &fired, &broker, &arguments.task)?;
        screen.write_all(said.as_bytes())?;
        screen.flush()?;
    }
    let followed =
        following.map(|following| following.to_the_end(&fired, deadline, arguments.json)).transpose()?;
    let ended = match &followed {
        Some(Followed::Ended(entry)) => Some(entry.as_ref()),
        Some(Followed::Interrupted(_) | Followed::TimedOut(_) | Followed::UpToAPerson) | None => None,
    };
    let clock = Clock::here();
    if arguments.json {
        screen.json(&shape(&fired, ended, &clock))?;
    } else if let Some(entry) = ended {
        screen.write_all(ending(entry).as_bytes())?;
    }
    let handle = handle(&task, &arguments.task);
    Ok(match followed {
        Some(Followed::Ended(entry)) if entry.outcome != Outcome::Completed => Exit::Failed,
        Some(Followed::Ended(_)) | None => Exit::Done,
        Some(Followed::Interrupted(stood)) => {
            say(&no_longer_waiting("", &task, stood, &handle));
            Exit::Interrupted
        }
        Some(Followed::TimedOut(stood)) => {
            let span = show_span(arguments.timeout.unwrap_or_default());
            say(&no_longer_waiting(&format!("{span} passed: "), &task, stood, &handle));
            Exit::Failed
        }
        Some(Followed::UpToAPerson) => {
            let name = clean(&task.name);
            say(&format!("not waiting: {name} stays held until you let it run; `oncue why {handle}`"));
            Exit::Refused
        }
    })
}

/// Describes what the firing led to.
fn said(task: &TaskInfo, fired: &Fired, broker: &Broker, named: &str) -> Result<String, Failure> {
    let name = clean(&task.name);
    Ok(match &fired.state {
        Word::Known(RunState::Started) => match fired.instance_id {
            Some(run) => format!("{name} started (run {run})\n"),
            None => format!("{name} started\n"),
        },
        Word::Known(RunState::AfterThis) => {
            format!("{name} is already running; it runs again when this run has ended\n")
        }
        Word::Known(RunState::Held) => held(task, fired, &broker.facts()?, named, &Clock::here()),
        Word::Other(state) => format!("{name} is {}\n", clean(state)),
    })
}

/// Describes why a task is held, and what to do.
fn held(task: &TaskInfo, fired: &Fired, facts: &[FactInfo], named: &str, clock: &Clock) -> String {
    let others = blocked::blocked(&fired.blocked, task, named, clock);
    let failing = needs::failing(&fired.failing, facts, clock);
    let mut text = format!("{} is {}", clean(&task.name), paint(HELD, "held"));
    text.push_str(match (others.is_empty(), failing.is_empty()) {
        (true, true) => "\n",
        (true, false) => " because its condition fails:\n",
        (false, _) => ":\n",
    });
    for reason in others.iter().map(|other| &other.what).chain(&failing) {
        text.push_str(&format!("  {}\n", clean(reason)));
    }
    for other in &others {
        text.push_str(&format!("{}\n", clean(&other.way_out)));
    }
    if others.is_empty() && !failing.is_empty() {
        let force = format!("`oncue run --force {}` runs it anyway", handle(task, named));
        text.push_str(&format!("it runs as soon as the condition holds; {force}\n"));
    }
    text
}

/// Describes how a run ended, and its message.
pub(super) fn ending(entry: &Entry) -> String {
    let (ending, particulars) = (words::ending(entry), words::particulars(entry));
    let mut text = paint(style::of_outcome(&entry.outcome), &clean(&ending));
    if !particulars.is_empty() {
        let between = if entry.started_at.is_some() { "" } else { "," };
        text = format!("{text}{between} {}", clean(&particulars));
    }
    text.push('\n');
    for line in entry.message.iter().flat_map(|message| message.lines()) {
        text.push_str(&format!("  {}\n", clean(line)));
    }
    text
}

/// Says that the command has stopped waiting, and what the task's state is.
fn no_longer_waiting(why: &str, task: &TaskInfo, stood: Stood, handle: &str) -> String {
    let name = clean(&task.name);
    let how = match stood {
        Stood::Held => format!("{name} is still held: `oncue why {handle}`"),
        Stood::Alive | Stood::Behind => format!("{name} continues: `oncue show {handle}`"),
    };
    format!("{why}no longer waiting; {how}, `oncue cancel {handle}`")
}

/// Writes a line to standard error.
fn say(text: &str) {
    // If standard error is closed, nothing is lost.
    let _ = writeln!(anstream::stderr(), "{text}");
}

fn shape<'a>(fired: &'a Fired, ended: Option<&'a Entry>, clock: &Clock) -> json::Fired<'a> {
    json::Fired {
        task_id: Text(fired.task_id),
        state: Text(&fired.state),
        instance_id: fired.instance_id.map(Text),
        failing: fired.failing.iter().map(Text).collect(),
        blocked: fired.blocked.iter().map(blocked::name).collect(),
        run: ended.map(|entry| json::Run::of(entry, clock, &Kept::here())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sample::{self, NOW, assert_transcript, minutes};
    use jiff::tz::TimeZone;
    use oncue::TaskState;
    use oncue::tools::{Blocker, PauseInfo};

    fn fired(failing: &[&str], blocked: &[Blocker]) -> Fired {
        Fired {
            state: RunState::Held.into(),
            failing: failing.iter().map(|part| Word::read(part)).collect(),
            blocked: blocked.iter().cloned().map(Word::Known).collect(),
            ..Fired::default()
        }
    }

    #[test]
    fn the_transcript_says_what_holds_a_task_and_how_runs_end() {
        let clock = Clock::at(NOW, TimeZone::UTC);
        let pause = PauseInfo { since: minutes(-12), until: Some(minutes(120)) };
        let task = sample::task(TaskState::Held);
        let paused = TaskInfo {
            paused: Some(PauseInfo { until: None, ..pause }),
            all_paused: Some(pause),
            ..task.clone()
        };
        let unknown = FactInfo { since: None, ..sample::no_internet() };
        let short = Blocker::Shortage("too many open files".into());
        let text = [
            held(&task, &fired(&["internet"], &[]), &[unknown], "sync", &clock),
            held(&task, &fired(&[], &[Blocker::Denied]), &[], "sync", &clock),
            held(&task, &fired(&[], &[Blocker::Quarantined]), &[], "sync", &clock),
            held(&task, &fired(&[], &[short]), &[], "sync", &clock),
            held(&paused, &fired(&[], &[Blocker::AllPaused]), &[], "sync", &clock),
            held(
                &paused,
                &fired(&["internet"], &[Blocker::Paused]),
                &[sample::no_internet()],
                "sync",
                &clock,
            ),
            no_longer_waiting("30s passed: ", &task, Stood::Held, "sync") + "\n",
            no_longer_waiting("", &task, Stood::Alive, "sync") + "\n",
            ending(&sample::entry(0x4a5b_6c7d)),
            ending(&sample::ended(Outcome::Failed, "reading the mailbox\nthe disk is full")),
        ];
        assert_transcript("run", &text.join("\n"));
    }
}
