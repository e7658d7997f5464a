//! Problems with tasks and facts, and what to do about them.

use std::collections::BTreeMap;

use oncue::TaskState;
use oncue::tools::{FactInfo, TaskInfo};
use oncue::why::went_wrong;
use oncue_broker::NO_SYSTEM_BUS;
use serde::Serialize;

use crate::render::blocked::crashes;
use crate::render::time::Clock;
use crate::render::words;

/// One problem.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub(super) what: String,
    pub(super) way_out: String,
}

/// How many tasks with the same kind of problem are listed individually.
const MOST: usize = 10;

/// Finds tasks that are quarantined, whose trigger is not available, or whose last run failed.
pub(super) fn of_tasks(tasks: &[TaskInfo], clock: &Clock) -> Vec<Finding> {
    let quarantined = |task: &TaskInfo| task.state == TaskState::Quarantined;
    let blind = |task: &TaskInfo| !task.trouble.is_empty();
    let failed = |task: &TaskInfo| {
        !quarantined(task) && task.last.as_ref().is_some_and(|last| went_wrong(&last.outcome))
    };
    let mut found = each(tasks, quarantined, "quarantined", |named, handle, task| Finding {
        what: format!("task {named} is quarantined and does not run: {}", crashes(task.strikes)),
        way_out: format!(
            "see what went wrong with `oncue why {handle}`, fix it, then `oncue release {handle}`"
        ),
    });
    found.extend(each(tasks, blind, "waiting for a trigger that is not available", |named, handle, task| {
        Finding {
            what: format!("the trigger of task {named} is not available: {}", task.trouble),
            way_out: format!("make it available, then check with `oncue why {handle}`"),
        }
    }));
    found.extend(each(tasks, failed, "failing", |named, handle, task| {
        let ended = match &task.last {
            Some(last) => format!("{} {}", words::happened(&last.outcome), clock.distance(last.ended_at)),
            None => String::new(),
        };
        let again = match task.retry {
            Some(retry) => format!("; it is retried {}", clock.distance(retry.at)),
            None => String::new(),
        };
        Finding {
            what: format!("the last run of task {named} {ended}{again}"),
            way_out: format!(
                "see the cause with `oncue why {handle}`; try it with `oncue run --wait {handle}`"
            ),
        }
    }));
    found
}

/// Returns a finding for each task that is `wrong`. If there are many, returns the first ones and
/// the number of the others.
fn each(
    tasks: &[TaskInfo],
    wrong: impl Fn(&TaskInfo) -> bool,
    what: &str,
    finding: impl Fn(&str, &str, &TaskInfo) -> Finding,
) -> Vec<Finding> {
    let mut called: BTreeMap<&str, usize> = BTreeMap::new();
    for task in tasks {
        *called.entry(&task.name).or_default() += 1;
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let one = |task: &TaskInfo| {
        let named = format!("{}/{}", words::short_package(&task.package), task.name);
        let is_handle = called.get(task.name.as_str()) == Some(&1) && task.name.chars().all(is_plain);
        let handle = if is_handle { task.name.clone() } else { task.task_id.to_string() };
        finding(&named, &handle, task)
    };
    let all: Vec<&TaskInfo> = tasks.iter().filter(|task| wrong(task)).collect();
    let mut found: Vec<Finding> = all.iter().take(MOST).map(|task| one(task)).collect();
    if let Some(more @ 1..) = all.len().checked_sub(MOST) {
        let way_out = "see them all with `oncue list --failing`, or with `oncue list --json`".to_owned();
        found.push(Finding { what: format!("{more} more tasks are {what}"), way_out });
    }
    found
}

/// Finds facts that are simulated, or unknown because the system bus is not available.
pub(super) fn of_facts(facts: &[FactInfo]) -> Vec<Finding> {
    let simulated = facts.iter().filter(|fact| fact.pinned).map(|fact| Finding {
        what: format!(
            "{} is simulated: it counts as {} regardless of its real value",
            fact.name, fact.counts_as
        ),
        way_out: format!("use the real value again: `oncue simulate clear {}`", fact.name),
    });
    let mut found: Vec<Finding> = simulated.collect();
    let unheard = |fact: &&FactInfo| fact.value.is_none() && fact.why.starts_with(NO_SYSTEM_BUS);
    let unheard: Vec<String> = facts.iter().filter(unheard).map(|fact| fact.name.to_string()).collect();
    if !unheard.is_empty() {
        found.push(Finding {
            what: format!("{NO_SYSTEM_BUS}, so these facts are unknown: {}", unheard.join(", ")),
            way_out: "start the system's D-Bus service (`systemctl start dbus`, or `dbus-daemon --system` \
                      where there is no systemd), then stop this broker with `oncue daemon --stop`; the next \
                      one finds the bus"
                .into(),
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sample::{NOW, last, minutes, no_internet, task};
    use jiff::tz::TimeZone;
    use oncue::Outcome;
    use oncue::tools::FactKind;

    fn said(tasks: &[TaskInfo]) -> Vec<Finding> {
        of_tasks(tasks, &Clock::at(NOW, TimeZone::UTC))
    }

    fn ran(name: &str, outcome: Outcome) -> TaskInfo {
        TaskInfo { name: name.into(), last: last(outcome, minutes(-1)), ..task(TaskState::Armed) }
    }

    #[test]
    fn what_went_well_or_was_stopped_on_purpose_is_no_finding() {
        let tasks = [Outcome::Completed, Outcome::Cancelled, Outcome::Skipped, Outcome::Dropped];
        let tasks = tasks.map(|outcome| ran("a", outcome));
        assert_eq!(said(&tasks), []);
        assert_eq!(said(&[task(TaskState::Armed), task(TaskState::Held)]), []);
    }

    #[test]
    fn every_way_to_fail_is_found_with_what_to_do() {
        for (outcome, happened) in [
            (Outcome::Failed, "failed"),
            (Outcome::Killed, "had to be killed"),
            (Outcome::Crashed, "crashed"),
            (Outcome::NotActivated, "could not be started"),
            (Outcome::Lost, "was interrupted when the broker ended"),
        ] {
            let found = said(&[ran("sync", outcome)]);
            assert_eq!(found[0].what, format!("the last run of task Contoso.Mail/sync {happened} 1 min ago"));
            assert!(found[0].way_out.contains("`oncue why sync`"), "{found:?}");
        }
        let quarantined =
            TaskInfo { state: TaskState::Quarantined.into(), strikes: 5, ..ran("sync", Outcome::Crashed) };
        let found = said(&[quarantined]);
        assert_eq!(found.len(), 1, "quarantine says it all: {found:?}");
        assert!(found[0].way_out.contains("`oncue release sync`"), "{found:?}");
        let blind = TaskInfo { trouble: "/mnt/photos does not exist".into(), ..task(TaskState::Armed) };
        assert!(
            said(&[blind])[0].what.ends_with(
                "the trigger of task Contoso.Mail/sync is not available: /mnt/photos does not exist"
            )
        );
    }

    #[test]
    fn a_name_that_two_tasks_have_is_not_told_to_be_typed() {
        let found = said(&[ran("sync", Outcome::Failed), ran("sync", Outcome::Completed)]);
        assert!(found[0].way_out.contains("`oncue why 1f2e3d4c-"), "{found:?}");
    }

    #[test]
    fn of_very_many_the_first_are_told() {
        let tasks: Vec<TaskInfo> = (0..25).map(|at| ran(&format!("task{at}"), Outcome::Failed)).collect();
        let found = said(&tasks);
        assert_eq!((found.len(), found[MOST].what.as_str()), (MOST + 1, "15 more tasks are failing"));
        assert_eq!(said(&tasks[..MOST]).len(), MOST);
    }

    #[test]
    fn what_is_simulated_or_unheard_is_found() {
        let simulated = FactInfo { pinned: true, ..no_internet() };
        let unheard = |name: FactKind| FactInfo {
            name: name.into(),
            value: None,
            why: format!("{NO_SYSTEM_BUS}, and only logind reports it"),
            ..no_internet()
        };
        let absent = FactInfo {
            why: "logind is not running, and only it reports it".into(),
            ..unheard(FactKind::OnAc)
        };
        let found =
            of_facts(&[simulated, unheard(FactKind::UserPresent), unheard(FactKind::EnergySaver), absent]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].way_out.contains("`oncue simulate clear internet`"), "{found:?}");
        assert!(found[1].what.ends_with("these facts are unknown: user-present, energy-saver"), "{found:?}");
    }
}
