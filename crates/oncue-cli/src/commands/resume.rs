//! `oncue resume`: ends a pause.

use std::io::Write as _;

use clap::{ArgGroup, Args};
use oncue::tools::{Broker, PauseScope, Resumed, TaskInfo};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::blocked::handle;
use crate::render::clean::clean;
use crate::render::pause::Whose;
use crate::render::screen::Screen;
use crate::render::time::Clock;
use crate::which;

/// End the pause of a task or of all tasks
///
/// Held firings are judged at once, and run if their conditions hold. The pause of one task and the
/// pause of all are independent: ending one does not end the other. If there is no such pause,
/// nothing changes, and the exit code is 0.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).args(["task", "all"])))]
#[command(after_help = "Examples:\n  oncue resume SampleTask\n  oncue resume --all")]
pub(crate) struct Arguments {
    /// The task's name, package/name, or the start of its id (at least 8 characters)
    task: Option<String>,
    /// End the pause of all tasks; tasks that were paused by name stay paused
    #[arg(long)]
    all: bool,
}

/// Ends a pause.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    let said = match &arguments.task {
        Some(named) => {
            let task = which::task_to_change(&broker, named)?;
            let resumed = broker.resume(PauseScope::Task(task.task_id))?;
            // The pause of all may have ended since the task was found.
            let task = broker.find(&task.task_id.to_string())?.pop().unwrap_or(task);
            of_task(&task, &handle(&task, named), &resumed, &Clock::here())
        }
        None => of_all(&broker.resume(PauseScope::All)?),
    };
    writeln!(Screen::open(), "{said}")?;
    Ok(Exit::Done)
}

/// Describes the end of the pause of a task.
fn of_task(task: &TaskInfo, handle: &str, resumed: &Resumed, clock: &Clock) -> String {
    let what = if resumed.was_paused { "is resumed" } else { "was not paused" };
    let others = match task.all_paused {
        Some(pause) => {
            let until = Whose::All.until(pause, clock);
            format!(", but all tasks are paused {until}: {}", Whose::All.resume())
        }
        None if task.waiting.is_some() && task.instance_id.is_none() => {
            format!("; something else holds it: `oncue why {handle}`")
        }
        None => String::new(),
    };
    format!("{} {what}{others}", clean(&task.name))
}

/// Describes the end of the pause of all tasks.
fn of_all(resumed: &Resumed) -> String {
    let what = if resumed.was_paused { "all tasks are resumed" } else { "there was no pause of all tasks" };
    let others = match resumed.tasks_paused {
        0 => String::new(),
        1 => ", but 1 task is paused by itself: `oncue list --paused`".to_owned(),
        tasks => format!(", but {tasks} tasks are paused by themselves: `oncue list --paused`"),
    };
    format!("{what}{others}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sample::{self, NOW, minutes, waiting};
    use jiff::tz::TimeZone;
    use oncue::TaskState;
    use oncue::tools::PauseInfo;

    #[test]
    fn what_is_said_names_the_other_pause() {
        let clock = Clock::at(NOW, TimeZone::UTC);
        let of_task = |task: &TaskInfo, was_paused| {
            of_task(task, "sync", &Resumed { was_paused, ..Resumed::default() }, &clock)
        };
        let of_all = |was_paused, tasks_paused| of_all(&Resumed { was_paused, tasks_paused });
        let task = sample::task(TaskState::Armed);
        let all_paused = Some(PauseInfo { since: NOW, until: Some(minutes(120)) });
        let paused = TaskInfo { all_paused, ..task.clone() };
        let held = TaskInfo { waiting: waiting(1, NOW), ..sample::task(TaskState::Held) };
        for (said, expected) in [
            (of_task(&task, true), "sync is resumed"),
            (of_task(&task, false), "sync was not paused"),
            (
                of_task(&paused, true),
                "sync is resumed, but all tasks are paused until 04:00:00 (in 2 h): `oncue resume --all`",
            ),
            (of_task(&held, true), "sync is resumed; something else holds it: `oncue why sync`"),
            (of_all(true, 0), "all tasks are resumed"),
            (of_all(false, 0), "there was no pause of all tasks"),
            (of_all(true, 1), "all tasks are resumed, but 1 task is paused by itself: `oncue list --paused`"),
            (
                of_all(true, 2),
                "all tasks are resumed, but 2 tasks are paused by themselves: `oncue list --paused`",
            ),
        ] {
            assert_eq!(said, expected);
        }
    }
}
