//! What the broker answers, as the values that an app sees.

use oncue_types::{Changes, RegisterResult, TaskId};
use oncue_wire::{Entry, GroupInfo, How, Registered, Word};

use crate::broker::moment::system_time;
use crate::group::BackgroundTaskRegistrationGroup;
use crate::past_run::PastRun;
use crate::registration::BackgroundTaskRegistration;
use crate::trigger::Trigger;

/// Converts a task.
pub(crate) fn registration(
    task: TaskId,
    name: String,
    trigger: Word<oncue_types::Trigger>,
    group: Option<GroupInfo>,
) -> BackgroundTaskRegistration {
    let group = group.map(|group| BackgroundTaskRegistrationGroup::with_name(group.id, group.name));
    BackgroundTaskRegistration::new(task.0, name, Trigger::new(trigger), group)
}

/// Converts what a registration did. To the modes that this version can ask for, a newer broker has no further
/// answer; if it had one, the task would be registered all the same, so it counts as new.
pub(crate) fn register_result(registered: &Registered) -> RegisterResult {
    match registered.how {
        Word::Known(How::Kept) => RegisterResult::Kept,
        Word::Known(How::Replaced) => {
            RegisterResult::Replaced(Changes::named(registered.changed.iter().map(String::as_str)))
        }
        Word::Known(How::New) | Word::Other(_) => RegisterResult::New,
    }
}

/// Converts an entry of the ledger.
pub(crate) fn past_run(entry: Entry) -> PastRun {
    PastRun {
        instance_id: entry.instance_id.0,
        task_id: entry.task_id.0,
        name: entry.name,
        fired_at: system_time(entry.fired_at),
        started_at: entry.started_at.map(system_time),
        ended_at: system_time(entry.ended_at),
        outcome: entry.outcome,
        reason: entry.reason.and_then(Word::into_known),
        progress: entry.progress,
        firings: entry.firings,
        exit_status: entry.exit_status.and_then(Word::into_known),
        message: entry.message,
    }
}
