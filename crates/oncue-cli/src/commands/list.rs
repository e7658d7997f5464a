//! `oncue list`: the tasks, one per line.

mod choice;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use clap::Args;
use oncue::TaskState;
use oncue::tools::{Blocker, Broker, TaskInfo, Watched, Word};

use choice::{Choice, Sort};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::blocked;
use crate::render::ids;
use crate::render::json;
use crate::render::pause::Whose;
use crate::render::screen::Screen;
use crate::render::style::{self, FAINT};
use crate::render::table::{Cell, Column, Table};
use crate::render::time::Clock;
use crate::render::words;
use crate::which;

/// List the tasks
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  oncue list\n  oncue list Primes\n  oncue list --group com.example.mail\n  \
    oncue list --sort next\n  oncue list --failing\n  oncue list --json | jq '.[] | select(.state == \"held\").name'"
)]
pub(crate) struct Arguments {
    /// Only tasks of this package: its family name, or the part before the underscore
    package: Option<String>,
    /// Only tasks of the group with this id or name
    #[arg(long)]
    group: Option<String>,
    /// Only tasks that have fired but cannot run yet
    #[arg(long)]
    held: bool,
    /// Only tasks that are paused by themselves, not those that only the pause of all holds
    #[arg(long)]
    paused: bool,
    /// Only tasks that are quarantined or whose last run failed
    #[arg(long)]
    failing: bool,
    /// How to sort the tasks
    #[arg(long, value_name = "BY", value_enum, default_value_t = Sort::Name)]
    sort: Sort,
    /// Write JSON, as described in docs/interface/json.md
    #[arg(long)]
    json: bool,
}

const COLUMNS: [Column; 7] = [
    Column::new("NAME", 12, 0),
    Column::new("PACKAGE", 12, 2),
    Column::new("STATE", 9, 0),
    Column::new("TRIGGER", 10, 3),
    Column::new("NEXT", 9, 1),
    Column::new("LAST RUN", 18, 4),
    Column::new("ID", 8, 5),
];

/// Lists the tasks.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    let package = arguments.package.as_deref().map(|named| which::package(&broker, named)).transpose()?;
    let mut tasks = broker.tasks(Watched::All)?;
    if let Some(package) = &package {
        tasks.retain(|task| task.package == package.family_name);
    }
    let choice = Choice {
        group: arguments.group.as_deref(),
        held: arguments.held,
        paused: arguments.paused,
        failing: arguments.failing,
    };
    let all_paused = broker.about()?.all_paused;
    let tasks = arguments.sort.sorted(choice.of(tasks)?);
    let (clock, mut screen) = (Clock::here(), Screen::open());
    if arguments.json {
        let tasks: Vec<_> = tasks.iter().map(|task| json::Task::of(task, &clock)).collect();
        screen.json(&tasks)?;
    } else if tasks.is_empty() {
        writeln!(screen, "{}", choice.nothing())?;
    } else {
        let drawn = table(&tasks, &clock).draw(screen.width());
        screen.write_all(drawn.as_bytes())?;
    }
    if let Some(pause) = all_paused.filter(|_| !arguments.json) {
        writeln!(screen, "{}: {}", Whose::All.described(pause, &clock), Whose::All.resume())?;
    }
    Ok(Exit::Done)
}

fn table(tasks: &[TaskInfo], clock: &Clock) -> Table {
    let mut table = Table::new(&COLUMNS);
    let packages = package_names(tasks);
    let digits = ids::digits(tasks.iter().map(|task| task.task_id));
    for task in tasks {
        let last = task.last.as_ref().map(|last| (&last.outcome, clock.distance(last.ended_at)));
        table.row(vec![
            (&task.name).into(),
            packages.get(task.package.as_str()).copied().unwrap_or_default().into(),
            Cell::styled(&state(task, clock), style::of_state(&task.state)),
            task.trigger.to_string().into(),
            task.next_due.map(|at| clock.short_window(at, task.next_by)).unwrap_or_default().into(),
            match last {
                Some((outcome, ago)) => {
                    Cell::styled(&format!("{} {ago}", words::outcome(outcome)), style::of_outcome(outcome))
                }
                None => Cell::from(""),
            },
            Cell::styled(&ids::short(task.task_id, digits), FAINT),
        ]);
    }
    table
}

/// Returns a task's state. For a running task, includes its progress; for a held task, what holds it;
/// for a failed task, when it is retried.
fn state(task: &TaskInfo, clock: &Clock) -> String {
    let state = &task.state;
    let rests = match state {
        Word::Known(TaskState::Armed | TaskState::Held | TaskState::Quarantined) => true,
        Word::Known(TaskState::Activating | TaskState::Running | TaskState::Cancelling) | Word::Other(_) => {
            false
        }
    };
    let said = |by: &Word<Blocker>| *state == TaskState::Quarantined && *by == Blocker::Quarantined;
    let note = match (task.progress, task.blocked.iter().find(|by| !said(by)), task.retry) {
        (Some(progress), ..) if *state == TaskState::Running => progress.to_string(),
        (_, Some(by), _) if rests => blocked::brief(by, task, clock),
        (_, None, Some(retry)) => format!("retry {}", clock.distance(retry.at)),
        _ => return words::state(task),
    };
    format!("{state} ({note})")
}

/// Returns the display part of each family name, or the whole name if two packages share that part.
fn package_names(tasks: &[TaskInfo]) -> BTreeMap<&str, &str> {
    let families: BTreeSet<&str> = tasks.iter().map(|task| task.package.as_str()).collect();
    let short = |family| words::short_package(family);
    let shares = |family| families.iter().filter(|other| short(other) == short(family)).count();
    let named =
        families.iter().map(|family| (*family, if shares(*family) > 1 { *family } else { short(family) }));
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sample::{self, NOW, assert_transcript, guid, last, minutes, retry};
    use jiff::tz::TimeZone;
    use oncue::Outcome;
    use oncue::tools::TaskId;

    fn task(package: &str, first: u32) -> TaskInfo {
        TaskInfo {
            task_id: TaskId(guid(first)),
            name: "sync\u{1b}[2J".into(),
            package: package.into(),
            next_due: Some(minutes(1)),
            progress: Some(10),
            last: last(Outcome::NotActivated, minutes(-1)),
            ..sample::task(TaskState::Running)
        }
    }

    #[test]
    fn a_line_says_what_matters_and_obeys_nobody() {
        let tasks = [task("Mail_a", 0x1f2e_3d4c), task("Clock_a", 0x1f2e_3d4d)];
        let drawn = table(&tasks, &Clock::at(NOW, TimeZone::UTC)).draw(None);
        let plain = anstream::adapter::strip_str(&drawn).to_string();
        assert_eq!(
            plain,
            "NAME      PACKAGE  STATE         TRIGGER    NEXT      LAST RUN                 ID\n\
             sync�[2J  Mail     running (10)  every 15m  in 1 min  not activated 1 min ago  1f2e3d4c\n\
             sync�[2J  Clock    running (10)  every 15m  in 1 min  not activated 1 min ago  1f2e3d4d\n"
        );
    }

    #[test]
    fn the_transcript_shows_each_state() {
        let of = |name: &str, first, state| TaskInfo {
            name: name.into(),
            task_id: TaskId(guid(first)),
            ..sample::task(state)
        };
        let tasks = [
            TaskInfo {
                last: last(Outcome::Completed, minutes(-3)),
                ..of("sync", 0x1f2e_3d4c, TaskState::Armed)
            },
            TaskInfo {
                retry: retry(1, minutes(1)),
                last: last(Outcome::Failed, minutes(-1)),
                ..of("backup", 0x2f2e_3d4c, TaskState::Armed)
            },
            TaskInfo { failing: vec![Word::read("internet")], ..of("upload", 0x3f2e_3d4c, TaskState::Held) },
            TaskInfo { blocked: vec![Blocker::Denied.into()], ..of("index", 0x4f2e_3d4c, TaskState::Held) },
            TaskInfo { progress: Some(40), ..of("scan", 0x5f2e_3d4c, TaskState::Running) },
            TaskInfo {
                blocked: vec![Blocker::Quarantined.into()],
                last: last(Outcome::Crashed, minutes(-90)),
                ..of("mail", 0x6f2e_3d4c, TaskState::Quarantined)
            },
            // Of a newer broker.
            TaskInfo {
                state: Word::read("dreaming"),
                trigger: Word::read("moonrise"),
                ..of("newer", 0x7f2e_3d4c, TaskState::Armed)
            },
        ];
        assert_transcript("list", &table(&tasks, &Clock::at(NOW, TimeZone::UTC)).draw(Some(100)));
    }

    #[test]
    fn a_state_has_a_note_where_it_does_not_say_it_all() {
        let clock = Clock::at(NOW, TimeZone::UTC);
        let by = |blocker: Blocker| vec![Word::Known(blocker)];
        for (state_is, blocked, retry, said) in [
            (TaskState::Running, Vec::new(), None, "running (10)"),
            (TaskState::Armed, Vec::new(), None, "armed"),
            (TaskState::Armed, Vec::new(), retry(1, minutes(1)), "armed (retry in 1 min)"),
            (TaskState::Held, by(Blocker::Denied), None, "held (denied)"),
            (TaskState::Armed, by(Blocker::Paused), None, "armed (paused)"),
            (TaskState::Held, by(Blocker::AllPaused), None, "held (all paused)"),
            (TaskState::Held, by(Blocker::Shortage("processes".into())), None, "held (shortage)"),
            (TaskState::Held, vec![Word::read("full moon")], None, "held (full moon)"),
            (TaskState::Quarantined, by(Blocker::Quarantined), None, "quarantined"),
            (TaskState::Cancelling, by(Blocker::Denied), None, "cancelling"),
        ] {
            let task = TaskInfo { state: state_is.into(), blocked, retry, ..task("Mail_a", 1) };
            assert_eq!(state(&task, &clock), said);
        }
    }

    #[test]
    fn packages_that_share_a_name_are_told_apart() {
        let tasks = [task("Mail_a", 1), task("Mail_b", 2), task("Clock_a", 3)];
        let names = package_names(&tasks);
        assert_eq!(names.values().copied().collect::<Vec<_>>(), ["Clock", "Mail_a", "Mail_b"]);
    }
}
