//! What holds tasks, and why a task does not run within the time that was looked at, in one line.

use oncue::tools::{TaskInfo, Trigger, Word};
use oncue_broker::ahead::{Wait, is_understood};
use oncue_wire::convert;

use crate::ahead::Ahead;
use crate::render::blocked::{self, handle};
use crate::render::needs;
use crate::render::time::Clock;
use crate::render::words;

/// Returns what holds a firing to come, in a few words.
pub(crate) fn held_by(wait: &Wait) -> String {
    let blocked = wait.blocked.iter().map(|blocker| blocker.name().replace('_', " "));
    let failing = wait.failing.iter().map(|part| needs::needs(&Word::Known(part.clone())));
    blocked.chain(failing).collect::<Vec<_>>().join(", ")
}

/// Returns why a task, which does not run within the time, does not.
pub(crate) fn reason(ahead: &Ahead, task: &TaskInfo, clock: &Clock) -> String {
    if !is_understood(task) {
        return "it is of a newer version of oncue, which this one does not understand".to_owned();
    }
    if words::is_disabled(task) {
        return format!("it is disabled; `oncue enable {}`", handle(task, &task.name));
    }
    // Its state at the end of the time, as a client would be told it.
    let Some(end) = ahead.outlook.view(task.task_id).map(convert::task) else {
        return "its registration ends without a run".to_owned();
    };
    let causes = causes(&end, clock);
    let without_run = ahead.outlook.coming.get(&task.task_id).map_or(0, |coming| coming.without_run);
    let Some(waiting) = end.waiting else {
        return match without_run {
            0 => armed(ahead, task, &end, clock),
            count => format!("{} without a run: {}", ended(count), causes.join("; ")),
        };
    };
    let why = if causes.is_empty() { "it waits for another run".to_owned() } else { causes.join("; ") };
    let before =
        if without_run == 0 { String::new() } else { format!("{} without a run, and ", ended(without_run)) };
    if waiting.since <= ahead.now {
        format!("{before}it has fired at {}, but is held: {why}", clock.brief(waiting.since))
    } else {
        format!("{before}it fires at {}, but is held then: {why}", clock.brief(waiting.since))
    }
}

fn ended(count: u64) -> String {
    if count == 1 { "1 firing ends".to_owned() } else { format!("{count} firings end") }
}

/// Returns what keeps a task from running, each cause in a few words.
fn causes(task: &TaskInfo, clock: &Clock) -> Vec<String> {
    let blocked = blocked::blocked(&task.blocked, task, &task.name, clock);
    let blocked = blocked.into_iter().map(|blocked| blocked.what);
    blocked.chain(task.failing.iter().map(|part| format!("it needs {}", needs::needs(part)))).collect()
}

/// Returns why a task does not fire.
fn armed(ahead: &Ahead, task: &TaskInfo, end: &TaskInfo, clock: &Clock) -> String {
    let causes = causes(task, clock);
    if !end.trouble.is_empty() {
        return format!("its trigger cannot be observed: {}", end.trouble);
    }
    let runs = match (end.next_due, task.trigger.known()) {
        (Some(at), _) if ahead.outlook.is_cut => {
            format!("it fires at {}, later than was looked at", clock.brief(at))
        }
        (Some(at), _) => format!("it fires only at {} ({})", clock.brief(at), clock.distance(at)),
        (None, Some(Trigger::Application)) if task.command.is_some() => {
            format!("it runs only on request: `oncue run {}`", handle(task, &task.name))
        }
        (None, Some(Trigger::After { .. })) => format!("it runs {}", words::trigger_of(task)),
        (None, Some(Trigger::Time { .. } | Trigger::Maintenance { .. } | Trigger::Calendar(_))) => {
            "it does not fire again".to_owned()
        }
        (
            None,
            Some(
                Trigger::System { .. }
                | Trigger::Application
                | Trigger::Signal { .. }
                | Trigger::Startup
                | Trigger::Watch(_),
            )
            | None,
        ) => format!("it runs {}", words::trigger_of(task)),
    };
    if causes.is_empty() { runs } else { format!("{runs}; now it would be held: {}", causes.join("; ")) }
}
