//! The ledger's entries as an app sees them.

use oncue_wire::Entry;

use crate::broker::client::Client;
use crate::broker::moment::system_time;
use crate::broker::question;
use crate::broker::registry::{PAGE, same_id};
use crate::{BackgroundTaskCancellationReason, BackgroundTaskRegistration, Error, Outcome, PastRun};

pub(crate) fn recent_runs(task: &BackgroundTaskRegistration, most: u32) -> Result<Vec<PastRun>, Error> {
    // On the wire, 0 means as many as there are.
    let question = question::history(&task.task_id().to_string(), "", most.clamp(1, PAGE));
    Client::get().ask(question)?.into_iter().map(past_run).collect()
}

/// Converts an entry.
pub(crate) fn past_run(entry: Entry) -> Result<PastRun, Error> {
    Ok(PastRun {
        instance_id: same_id(&entry.instance_id)?,
        fired_at: system_time(entry.fired_at),
        started_at: entry.started_at.map(system_time),
        ended_at: system_time(entry.ended_at),
        outcome: Outcome::named(&entry.outcome).unwrap_or(Outcome::Other),
        reason: entry.reason.as_deref().and_then(BackgroundTaskCancellationReason::named),
        progress: entry.progress,
        firings: entry.firings,
        exit_status: entry.exit_status,
        message: entry.message,
    })
}
