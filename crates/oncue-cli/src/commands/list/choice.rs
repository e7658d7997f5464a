//! Which tasks to list, and in which order.

use clap::ValueEnum;
use oncue::TaskState;
use oncue::tools::{TaskInfo, Wall};
use oncue::why::went_wrong;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::words;

/// Which tasks to list: those that match every option.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choice<'a> {
    pub(super) group: Option<&'a str>,
    pub(super) held: bool,
    pub(super) paused: bool,
    pub(super) failing: bool,
}

/// The order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Sort {
    /// By package and name
    Name,
    /// The next to fire first; tasks without a known time last
    Next,
    /// The most recently run first; tasks that never ran last
    Last,
}

/// No group with tasks has this id or name.
#[derive(Debug, thiserror::Error)]
#[error("no group called `{named}` has any tasks")]
pub(super) struct NoGroup {
    /// As given by the user.
    named: String,
    /// The existing groups.
    groups: Vec<String>,
}

impl From<NoGroup> for Failure {
    fn from(mut error: NoGroup) -> Self {
        let groups = std::mem::take(&mut error.groups);
        let way_out = if groups.is_empty() {
            "no task is in any group; see all tasks with `oncue list`"
        } else {
            "use the id or the name of one of the groups above"
        };
        Self::new(Exit::NotFound, error).with_candidates(groups).with_way_out(way_out)
    }
}

impl Choice<'_> {
    /// Returns the matching tasks.
    ///
    /// # Errors
    /// Returns an error if no task is in the group, because its name is probably mistyped.
    pub(super) fn of(self, mut tasks: Vec<TaskInfo>) -> Result<Vec<TaskInfo>, NoGroup> {
        if let Some(named) = self.group {
            let groups = groups(&tasks);
            tasks.retain(|task| {
                task.group.as_ref().is_some_and(|group| group.id == named || group.name == named)
            });
            if tasks.is_empty() {
                return Err(NoGroup { named: named.to_owned(), groups });
            }
        }
        tasks.retain(|task| !self.held || is_held(task));
        tasks.retain(|task| !self.paused || task.paused.is_some());
        tasks.retain(|task| !self.failing || is_failing(task));
        Ok(tasks)
    }

    /// Says that no task matches.
    pub(super) fn nothing(self) -> String {
        let chosen = [(self.held, "held"), (self.paused, "paused by itself"), (self.failing, "failing")];
        let words: Vec<&str> = chosen.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect();
        match words.as_slice() {
            [] => "no tasks are registered; programs register their tasks when they start".to_owned(),
            words => format!("no task is {}", words.join(" and ")),
        }
    }
}

impl Sort {
    /// Sorts the tasks; ties are sorted by package, name and id.
    pub(super) fn sorted(self, mut tasks: Vec<TaskInfo>) -> Vec<TaskInfo> {
        tasks.sort_by(|a, b| (&a.package, &a.name, &a.task_id).cmp(&(&b.package, &b.name, &b.task_id)));
        match self {
            Self::Name => {}
            Self::Next => tasks.sort_by_key(|task| next(task).unwrap_or(Wall(i64::MAX))),
            Self::Last => {
                tasks.sort_by_key(|task| std::cmp::Reverse(task.last.as_ref().map(|last| last.ended_at)));
            }
        }
        tasks
    }
}

/// When the task is next expected to run, by its trigger or as a retry.
fn next(task: &TaskInfo) -> Option<Wall> {
    task.next_due.into_iter().chain(task.retry.map(|retry| retry.at)).min()
}

/// Whether the task has fired but cannot run yet.
fn is_held(task: &TaskInfo) -> bool {
    task.state == TaskState::Held || (task.waiting.is_some() && task.instance_id.is_none())
}

/// Whether the task is quarantined or its last run failed.
fn is_failing(task: &TaskInfo) -> bool {
    let went_badly = task.last.as_ref().is_some_and(|last| went_wrong(&last.outcome));
    went_badly || task.state == TaskState::Quarantined
}

/// The groups of the tasks, with the names that people can use.
fn groups(tasks: &[TaskInfo]) -> Vec<String> {
    let named = tasks.iter().filter_map(|task| task.group.as_ref());
    let mut groups: Vec<String> = named.map(|group| words::group(&group.id, &group.name)).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sample::{NOW, last, minutes, retry, task, waiting};
    use oncue::Outcome;
    use oncue::tools::PauseInfo;

    const ALL: Choice<'_> = Choice { group: None, held: false, paused: false, failing: false };

    fn named(name: &str) -> TaskInfo {
        TaskInfo { name: name.into(), ..task(TaskState::Armed) }
    }

    fn names(tasks: Vec<TaskInfo>) -> Vec<String> {
        tasks.into_iter().map(|task| task.name).collect()
    }

    fn tasks() -> Vec<TaskInfo> {
        let later = Some(minutes(20));
        let paused = Some(PauseInfo { since: NOW, until: None });
        vec![
            TaskInfo { last: last(Outcome::Crashed, minutes(-1)), next_due: later, ..named("crashed") },
            TaskInfo {
                next_due: None,
                waiting: waiting(1, NOW),
                state: TaskState::Held.into(),
                ..named("held")
            },
            TaskInfo { last: last(Outcome::Completed, minutes(-9)), paused, ..named("fine") },
            TaskInfo {
                state: TaskState::Quarantined.into(),
                waiting: waiting(1, NOW),
                next_due: later,
                ..named("bad")
            },
        ]
    }

    #[test]
    fn what_is_held_and_what_fails_is_chosen() {
        let chosen = |choice: Choice<'_>| names(Sort::Name.sorted(choice.of(tasks()).unwrap()));
        assert_eq!(chosen(ALL), ["bad", "crashed", "fine", "held"]);
        assert_eq!(chosen(Choice { held: true, ..ALL }), ["bad", "held"]);
        assert_eq!(chosen(Choice { failing: true, ..ALL }), ["bad", "crashed"]);
        assert_eq!(chosen(Choice { held: true, failing: true, ..ALL }), ["bad"]);
        assert_eq!(chosen(Choice { paused: true, ..ALL }), ["fine"]);
        assert_eq!(
            Choice { held: true, paused: true, ..ALL }.nothing(),
            "no task is held and paused by itself"
        );
    }

    #[test]
    fn what_comes_next_comes_first_and_what_never_comes_is_last() {
        assert_eq!(names(Sort::Next.sorted(tasks())), ["fine", "bad", "crashed", "held"]);
        assert_eq!(names(Sort::Last.sorted(tasks())), ["crashed", "fine", "bad", "held"]);
        let retried = TaskInfo { retry: retry(1, minutes(1)), ..named("retried") };
        assert_eq!(names(Sort::Next.sorted(vec![named("fine"), retried])), ["retried", "fine"]);
    }

    #[test]
    fn a_group_that_nobody_is_in_is_not_found_and_the_others_are_named() {
        let grouped = TaskInfo {
            group: Some(oncue_wire::GroupInfo { id: "com.example".into(), name: "Mail".into() }),
            ..named("a")
        };
        let choice = |group| Choice { group: Some(group), ..ALL };
        for group in ["com.example", "Mail"] {
            assert_eq!(names(choice(group).of(vec![grouped.clone()]).unwrap()), ["a"]);
        }
        let failure = choice("mail").of(vec![grouped]).unwrap_err();
        assert_eq!(failure.groups, ["com.example (Mail)"]);
    }
}
