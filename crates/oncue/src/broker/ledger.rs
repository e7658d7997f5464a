//! The ledger's entries as an app sees them.

use oncue_wire::{Entry, ask};

use crate::broker::client::Client;
use crate::broker::moment::system_time;
use crate::broker::registry::{PAGE, same_id};
use crate::{BackgroundTaskRegistration, Error, Exit, Outcome, PastRun};

pub(crate) fn recent_runs(task: &BackgroundTaskRegistration, most: u32) -> Result<Vec<PastRun>, Error> {
    // On the wire, 0 means as many as there are.
    let history = history(&task.task_id().to_string(), most.clamp(1, PAGE));
    Client::get().ask(&history)?.into_iter().map(past_run).collect()
}

/// Returns the question for the last entries of a task.
pub(crate) fn history(task_id: &str, most: u32) -> ask::History {
    ask::History { task_id: task_id.to_owned(), package: String::new(), most }
}

/// Converts an entry.
pub(crate) fn past_run(entry: Entry) -> Result<PastRun, Error> {
    Ok(PastRun {
        instance_id: same_id(&entry.instance_id)?,
        task_id: same_id(&entry.task_id)?,
        name: entry.name,
        fired_at: system_time(entry.fired_at),
        started_at: entry.started_at.map(system_time),
        ended_at: system_time(entry.ended_at),
        outcome: entry.outcome.known().unwrap_or(Outcome::Other),
        reason: entry.reason.and_then(|reason| reason.known()),
        progress: entry.progress,
        firings: entry.firings,
        exit_status: entry.exit_status.as_deref().and_then(Exit::read),
        message: entry.message,
    })
}
