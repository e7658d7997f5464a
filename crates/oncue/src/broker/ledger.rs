//! The ledger's entries as an app sees them.

use oncue_types::TaskId;
use oncue_wire::{Entry, Word, ask};

use crate::broker::client::Client;
use crate::broker::moment::system_time;
use crate::broker::registry::PAGE;
use crate::{BackgroundTaskRegistration, Error, PastRun};

pub(crate) fn recent_runs(task: &BackgroundTaskRegistration, most: u32) -> Result<Vec<PastRun>, Error> {
    // On the wire, 0 means as many as there are.
    let history = history(TaskId(task.task_id()), most.clamp(1, PAGE));
    Ok(Client::get().ask(&history)?.into_iter().map(past_run).collect())
}

/// Returns the question for the last entries of a task.
pub(crate) fn history(task: TaskId, most: u32) -> ask::History {
    ask::History { task_id: task.to_string(), package: String::new(), most }
}

/// Converts an entry.
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
