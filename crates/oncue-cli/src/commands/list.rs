//! `oncue list`: the tasks, one per line.

mod choice;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use clap::Args;
use oncue::tools::{Broker, TaskInfo, Watched};

use choice::{Choice, Sort};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::ids;
use crate::render::json;
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
    let choice =
        Choice { group: arguments.group.as_deref(), held: arguments.held, failing: arguments.failing };
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
    Ok(Exit::Done)
}

fn table(tasks: &[TaskInfo], clock: &Clock) -> Table {
    let mut table = Table::new(&COLUMNS);
    let packages = package_names(tasks);
    let digits = ids::digits(tasks.iter().map(|task| task.task_id.as_str()));
    for task in tasks {
        let last = task.last.as_ref().map(|last| (&last.outcome, clock.distance(last.ended_at)));
        table.row(vec![
            (&task.name).into(),
            packages.get(task.package.as_str()).copied().unwrap_or_default().into(),
            Cell::styled(&state(task, clock), style::of_state(&task.state)),
            (&task.trigger).into(),
            task.next_due.map(|at| clock.short_window(at, task.next_by)).unwrap_or_default().into(),
            match last {
                Some((outcome, ago)) => {
                    Cell::styled(&format!("{} {ago}", words::outcome(outcome)), style::of_outcome(outcome))
                }
                None => Cell::from(""),
            },
            Cell::styled(ids::short(&task.task_id, digits), FAINT),
        ]);
    }
    table
}

/// For a running task, includes its progress; for a held task, what holds it; for a failed task,
/// when it is retried.
fn state(task: &TaskInfo, clock: &Clock) -> String {
    let state = task.state.as_str();
    let rests = matches!(state, "armed" | "held" | "quarantined");
    let note = match (task.progress, task.blocked.iter().find(|word| *word != state), task.retry) {
        (Some(progress), ..) if state == "running" => progress.to_string(),
        (_, Some(word), _) if rests => word.replace('_', " "),
        (_, None, Some(retry)) => format!("retry {}", clock.distance(retry.at)),
        _ => return state.to_owned(),
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
    use crate::commands::sample;
    use jiff::tz::TimeZone;

    fn task(package: &str, task_id: &str) -> TaskInfo {
        TaskInfo {
            task_id: task_id.into(),
            name: "sync\u{1b}[2J".into(),
            package: package.into(),
            next_due: Some(60_000_000),
            progress: Some(10),
            last: Some(oncue_wire::LastRun {
                instance_id: "1".into(),
                outcome: "not_activated".into(),
                ended_at: -60_000_000,
            }),
            ..sample::task("running")
        }
    }

    #[test]
    fn a_line_says_what_matters_and_obeys_nobody() {
        let tasks = [task("Mail_a", "1f2e3d4c-aaaa"), task("Clock_a", "1f2e3d4c-aabb")];
        let drawn = table(&tasks, &Clock::at(0, TimeZone::UTC)).draw(None);
        let plain = anstream::adapter::strip_str(&drawn).to_string();
        assert_eq!(
            plain,
            "NAME      PACKAGE  STATE         TRIGGER    NEXT      LAST RUN                 ID\n\
             sync�[2J  Mail     running (10)  every 15m  in 1 min  not activated 1 min ago  1f2e3d4c-aaa\n\
             sync�[2J  Clock    running (10)  every 15m  in 1 min  not activated 1 min ago  1f2e3d4c-aab\n"
        );
    }

    #[test]
    fn the_transcript_shows_each_state() {
        use crate::commands::sample::{self, MINUTE, NOW, assert_transcript};
        let of = |name: &str, task_id: &str, state| TaskInfo {
            name: name.into(),
            task_id: task_id.into(),
            ..sample::task(state)
        };
        let last = |outcome: &str, ago| {
            Some(oncue_wire::LastRun {
                instance_id: "1".into(),
                outcome: outcome.into(),
                ended_at: NOW - ago * MINUTE,
            })
        };
        let tasks = [
            TaskInfo {
                last: last("completed", 3),
                ..of("sync", "1f2e3d4c-5b6a-4788-9f00-112233445566", "armed")
            },
            TaskInfo {
                retry: Some(oncue_wire::RetryInfo { attempt: 1, at: NOW + MINUTE }),
                last: last("failed", 1),
                ..of("backup", "2f2e3d4c-5b6a-4788-9f00-112233445566", "armed")
            },
            TaskInfo {
                failing: vec!["internet".into()],
                ..of("upload", "3f2e3d4c-5b6a-4788-9f00-112233445566", "held")
            },
            TaskInfo {
                blocked: vec!["denied".into()],
                ..of("index", "4f2e3d4c-5b6a-4788-9f00-112233445566", "held")
            },
            TaskInfo { progress: Some(40), ..of("scan", "5f2e3d4c-5b6a-4788-9f00-112233445566", "running") },
            TaskInfo {
                blocked: vec!["quarantined".into()],
                last: last("crashed", 90),
                ..of("mail", "6f2e3d4c-5b6a-4788-9f00-112233445566", "quarantined")
            },
        ];
        assert_transcript("list", &table(&tasks, &Clock::at(NOW, TimeZone::UTC)).draw(Some(100)));
    }

    #[test]
    fn a_state_has_a_note_where_it_does_not_say_it_all() {
        let clock = Clock::at(0, TimeZone::UTC);
        let (blocked, retry) =
            (|word: &str| vec![word.to_owned()], Some(oncue_wire::RetryInfo { attempt: 1, at: 60_000_000 }));
        for (state_is, blocked, retry, said) in [
            ("running", Vec::new(), None, "running (10)"),
            ("armed", Vec::new(), None, "armed"),
            ("armed", Vec::new(), retry, "armed (retry in 1 min)"),
            ("held", blocked("denied"), None, "held (denied)"),
            ("quarantined", blocked("quarantined"), None, "quarantined"),
            ("cancelling", blocked("denied"), None, "cancelling"),
        ] {
            let task = TaskInfo { state: state_is.into(), blocked, retry, ..task("Mail_a", "1") };
            assert_eq!(state(&task, &clock), said);
        }
    }

    #[test]
    fn packages_that_share_a_name_are_told_apart() {
        let tasks = [task("Mail_a", "1"), task("Mail_b", "2"), task("Clock_a", "3")];
        let names = package_names(&tasks);
        assert_eq!(names.values().copied().collect::<Vec<_>>(), ["Clock", "Mail_a", "Mail_b"]);
    }
}
