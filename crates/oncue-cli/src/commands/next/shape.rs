//! The outlook as JSON.

use std::collections::HashMap;

use oncue::tools::{TaskId, TaskInfo};
use oncue_broker::ahead::{Behind, Clash, Coming, ComingRun};
use oncue_types::Cause;
use serde::Serialize;

use crate::ahead::Ahead;
use crate::commands::next::reason;
use crate::render::json::Text;
use crate::render::time::{Clock, millis};

/// What comes.
#[derive(Debug, Serialize)]
pub(super) struct Next<'a> {
    now: String,
    until: String,
    is_cut: bool,
    durations_cut: bool,
    wake_ups: u64,
    runs: Vec<Run<'a>>,
    tasks: Vec<Task<'a>>,
    clashes: Vec<Waits<'a>>,
}

/// A run to come.
#[derive(Debug, Serialize)]
pub(crate) struct Run<'a> {
    task_id: Text<TaskId>,
    name: &'a str,
    due: String,
    at: String,
    usual_ms: Option<u64>,
    is_running: bool,
    is_retry: bool,
    firings: u32,
    waits: Option<Wait<'a>>,
}

/// The reason why a run to come waits.
#[derive(Debug, Serialize)]
struct Wait<'a> {
    since: String,
    behind: Option<String>,
    blocked: Vec<&'a str>,
    failing: Vec<String>,
}

/// How often a task runs, or why it does not.
#[derive(Debug, Serialize)]
struct Task<'a> {
    task_id: Text<TaskId>,
    name: &'a str,
    package: &'a str,
    runs: u64,
    last: Option<String>,
    without_run: u64,
    why_not: Option<String>,
}

/// Runs that have to wait for other runs.
#[derive(Debug, Serialize)]
struct Waits<'a> {
    task_id: Text<TaskId>,
    name: &'a str,
    behind: String,
    count: u64,
    first: String,
    longest_ms: u64,
}

impl<'a> Next<'a> {
    /// Returns the shape of what comes for these tasks.
    pub(super) fn of(ahead: &'a Ahead, tasks: &[&'a TaskInfo], clock: &Clock) -> Self {
        let outlook = &ahead.outlook;
        let of_task = |task: &&'a TaskInfo| Some((*task, outlook.coming.get(&task.task_id)?));
        let all = tasks.iter().filter_map(of_task);
        let mut runs: Vec<(&TaskInfo, &ComingRun)> =
            all.flat_map(|(task, coming)| coming.runs.iter().map(move |run| (task, run))).collect();
        runs.sort_by_key(|(task, run)| (run.at, task.task_id));
        let by_id: HashMap<TaskId, &TaskInfo> = tasks.iter().map(|task| (task.task_id, *task)).collect();
        let clashes = outlook.clashes.iter();
        let clashes = clashes.filter_map(|clash| Some(Waits::of(clash, by_id.get(&clash.task)?, clock)));
        Self {
            now: clock.rfc3339(ahead.now),
            until: clock.rfc3339(outlook.reached),
            is_cut: outlook.is_cut,
            durations_cut: ahead.durations_cut,
            wake_ups: outlook.wake_ups,
            runs: runs.into_iter().map(|(task, run)| Run::of(task, run, clock)).collect(),
            tasks: tasks.iter().map(|task| Task::of(ahead, task, clock)).collect(),
            clashes: clashes.collect(),
        }
    }
}

impl<'a> Run<'a> {
    /// Returns the shape of a run to come.
    pub(crate) fn of(task: &'a TaskInfo, run: &'a ComingRun, clock: &Clock) -> Self {
        let wait = run.wait.as_ref().map(|wait| Wait {
            since: clock.rfc3339(wait.since),
            behind: wait.behind().map(|behind| name_of(behind, task)),
            blocked: wait.blocked.iter().map(|blocker| blocker.name()).collect(),
            failing: wait.failing.iter().map(ToString::to_string).collect(),
        });
        Self {
            task_id: Text(task.task_id),
            name: &task.name,
            due: clock.rfc3339(run.due),
            at: clock.rfc3339(run.at),
            usual_ms: run.usual.map(millis),
            is_running: run.is_running,
            is_retry: run.cause == Cause::Retry,
            firings: run.firings,
            waits: wait,
        }
    }
}

impl<'a> Task<'a> {
    fn of(ahead: &'a Ahead, task: &'a TaskInfo, clock: &Clock) -> Self {
        let nothing = Coming::default();
        let coming = ahead.outlook.coming.get(&task.task_id).unwrap_or(&nothing);
        Self {
            task_id: Text(task.task_id),
            name: &task.name,
            package: &task.package,
            runs: coming.count,
            last: coming.last.map(|last| clock.rfc3339(last)),
            without_run: coming.without_run,
            why_not: (coming.count == 0).then(|| reason(ahead, task, clock)),
        }
    }
}

impl<'a> Waits<'a> {
    fn of(clash: &'a Clash, task: &'a TaskInfo, clock: &Clock) -> Self {
        Self {
            task_id: Text(task.task_id),
            name: &task.name,
            behind: name_of(clash.behind.clone(), task),
            count: clash.count,
            first: clock.rfc3339(clash.first),
            longest_ms: millis(clash.longest),
        }
    }
}

fn name_of(behind: Behind, task: &TaskInfo) -> String {
    match behind {
        Behind::Itself => task.name.clone(),
        Behind::Queue(name) => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::next::sample::tasks;
    use crate::commands::sample::NOW;
    use crate::render::json::documented::{assert_documented, value};
    use jiff::tz::TimeZone;
    use std::time::Duration;

    #[test]
    fn what_comes_is_as_documented() {
        let ahead = Ahead::of(NOW, tasks(), Duration::from_secs(7_200), 10);
        let tasks: Vec<&TaskInfo> = ahead.tasks.iter().collect();
        let next = value(&Next::of(&ahead, &tasks, &Clock::at(NOW, TimeZone::UTC)));
        assert_documented("What comes", &next);
        let with = |list: &str, key: &str| {
            let found = next[list].as_array().unwrap().iter().find(|of| !of[key].is_null());
            found.unwrap_or_else(|| panic!("no {key} in {next}")).clone()
        };
        let waits = with("runs", "waits");
        assert_documented("A run to come", &waits);
        assert_documented("A wait to come", &waits["waits"]);
        assert_documented("A task to come", &with("tasks", "why_not"));
        assert_documented("A clash", &with("clashes", "count"));
    }
}
