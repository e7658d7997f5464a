//! `oncue show`: everything about one task.

use std::io::Write as _;

use clap::Args;
use oncue::TaskState;
use oncue::tools::{Broker, Entry, FactInfo, Of, TaskInfo, Word};
use oncue_wire::CommandInfo;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::kept::Kept;
use crate::render::blocked::blocked;
use crate::render::card::Card;
use crate::render::clean::clean;
use crate::render::json;
use crate::render::needs;
use crate::render::screen::Screen;
use crate::render::style::{self, TITLE, paint};
use crate::render::time::Clock;
use crate::render::variables;
use crate::render::words;
use crate::which;

/// How many past runs to show.
const RUNS: u32 = 5;

/// Show everything about a task
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  oncue show SampleTask\n  oncue show Primes/SampleTask\n  oncue show 1f2e3d"
)]
pub(crate) struct Arguments {
    /// The task's name, package/name, or the start of its id
    task: String,
    /// Write JSON, as described in docs/interface/json.md
    #[arg(long)]
    json: bool,
}

/// Shows a task.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    let task = which::task(&broker, &arguments.task)?;
    // A firing that joined another one is shown with that one.
    let mut runs = words::own(broker.history(Of::Task(task.task_id), 2 * RUNS)?);
    runs.truncate(RUNS as usize);
    let (clock, kept, mut screen) = (Clock::here(), Kept::here(), Screen::open());
    if arguments.json {
        screen.json(&json::WholeTask::of(&task, &runs, &clock, &kept))?;
    } else {
        let facts = broker.facts()?;
        writeln!(screen, "{}", paint(TITLE, &clean(&task.name)))?;
        screen.write_all(card(&task, &facts, &runs, &clock, &kept).draw(screen.width()).as_bytes())?;
    }
    Ok(Exit::Done)
}

fn card(task: &TaskInfo, facts: &[FactInfo], runs: &[Entry], clock: &Clock, kept: &Kept) -> Card {
    let mut card = Card::default();
    card.row("package", &task.package);
    card.row_if("group", task.group.as_ref().map(|group| words::group(&group.id, &group.name)));
    card.row("id", task.task_id.to_string());
    match &task.command {
        Some(command) => of_command(&mut card, command),
        None => card.row("class", task.class_id.to_string()),
    }
    card.row("trigger", words::trigger_of(task));
    card.row("condition", words::condition(task.condition.as_ref()));
    card.rows("fails now", needs::failing(&task.failing, facts, clock));
    card.row_if("policy", task.policy.as_ref().map(ToString::to_string));
    card.styled("state", &state(task), style::of_state(&task.state));
    card.rows(
        "blocked",
        blocked(&task.blocked, task, &task.name, clock).into_iter().map(|blocked| blocked.what),
    );
    card.row_if(
        "held",
        task.held_since.map(|at| format!("since {} ({})", clock.local(at), clock.distance(at))),
    );
    if let Some(oncue_wire::WaitingInfo { firings, since }) = task.waiting {
        let what = words::firings(firings);
        card.row("waiting", format!("{what}, since {} ({})", clock.local(since), clock.distance(since)));
    }
    if let Some(oncue_wire::RetryInfo { attempt, at }) = task.retry {
        card.row("retry", format!("attempt {attempt} {} ({})", clock.distance(at), clock.local(at)));
    }
    card.row_if("note", Some(&task.note).filter(|note| !note.is_empty()));
    card.row_if("run", task.instance_id.map(|run| run.to_string()));
    card.row_if("trouble", Some(&task.trouble).filter(|why| !why.is_empty()));
    card.row_if("fired", task.fired_at.map(|at| format!("{} ({})", clock.local(at), clock.distance(at))));
    card.row_if("entered", task.started_at.map(|at| format!("{} ({})", clock.local(at), clock.distance(at))));
    card.row_if("next due", task.next_due.map(|at| clock.window(at, task.next_by)));
    if runs.is_empty() {
        card.row("last runs", "none yet");
    }
    for (at, run) in runs.iter().enumerate() {
        card.row(if at == 0 { "last runs" } else { "" }, line(run, clock));
        card.rows("", words::last_words(run, 1));
        card.row_if("", output(run, kept));
    }
    card
}

fn of_command(card: &mut Card, info: &CommandInfo) {
    card.row("command", words::command(info));
    card.row("folder", &info.folder);
    let variables: Vec<&str> = variables::names(info).collect();
    card.row_if("variables", (!variables.is_empty()).then(|| variables.join(" ")));
    card.row_if("input", info.input.as_ref());
    card.row_if("success", info.success.as_ref().map(|success| format!("exit status {success}")));
}

fn state(task: &TaskInfo) -> String {
    match (&task.state, task.progress) {
        (Word::Known(TaskState::Running | TaskState::Cancelling), Some(progress)) => {
            format!("{}, progress {progress}", task.state)
        }
        (Word::Known(TaskState::Held), _) if !task.blocked.is_empty() => "held".to_owned(),
        (Word::Known(TaskState::Held), _) if task.failing.is_empty() => {
            "held; it runs as soon as the broker permits it".to_owned()
        }
        (Word::Known(TaskState::Held), _) => "held until its condition holds".to_owned(),
        _ => words::state(task),
    }
}

/// Returns when a firing occurred and how it ended.
pub(super) fn line(run: &Entry, clock: &Clock) -> String {
    format!("{}  {}", clock.brief(run.fired_at), words::whole_ending(run))
}

/// Returns where the output of a run that went wrong is.
pub(super) fn output(run: &Entry, kept: &Kept) -> Option<String> {
    Some(format!("  its output: {}", kept.command(run)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    use crate::commands::sample::{self, NOW, assert_transcript, guid, minutes, waiting};
    use oncue::Outcome;
    use oncue::tools::{Exit, InstanceId};

    #[test]
    fn the_transcript_of_a_held_task_says_why() {
        let task = TaskInfo {
            failing: vec![Word::read("internet")],
            waiting: waiting(2, minutes(-1)),
            held_since: Some(minutes(-1)),
            ..sample::task(TaskState::Held)
        };
        let run = Entry {
            progress: Some(10),
            exit_status: Some(Exit::Signal(11).into()),
            ..sample::ended(Outcome::Crashed, "line\nthe last words\n")
        };
        let drawn = card(
            &task,
            &[sample::no_internet()],
            std::slice::from_ref(&run),
            &Clock::at(NOW, TimeZone::UTC),
            &Kept::of(&run, "/output/x.log"),
        );
        assert_transcript("show-held", &drawn.draw(Some(100)));
    }

    #[test]
    fn the_transcript_of_a_running_task_shows_its_progress() {
        let task = TaskInfo {
            instance_id: Some(InstanceId(guid(0x4a5b_6c7d))),
            fired_at: Some(minutes(-1)),
            started_at: Some(minutes(-1)),
            progress: Some(40),
            ..sample::task(TaskState::Running)
        };
        let drawn =
            card(&task, &[], &[sample::entry(0x4a5b_6c7e)], &Clock::at(NOW, TimeZone::UTC), &Kept::nothing());
        assert_transcript("show-running", &drawn.draw(Some(100)));
    }
}
