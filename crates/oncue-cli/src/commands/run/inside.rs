//! Whether `oncue run --wait` is called inside a run that the other one would wait for.

use std::env;

use oncue::tools::{Broker, TaskInfo, Word};
use oncue_wire::names::TASK_ID_VARIABLE;

use crate::exit::Exit;
use crate::failure::Failure;

/// The run would wait for itself.
#[derive(Debug, thiserror::Error)]
#[error("{task} is in the queue `{queue}` like this run, so waiting for it would never end")]
struct OwnQueue {
    task: String,
    queue: String,
}

/// Returns an error inside a run of the same queue as the task.
pub(super) fn must_not_wait_for_own_queue(broker: &Broker, task: &TaskInfo) -> Result<(), Failure> {
    let (Some(queue), Ok(own)) = (queue(task), env::var(TASK_ID_VARIABLE)) else { return Ok(()) };
    let is_own = |found: &TaskInfo| found.instance_id.is_some() && self::queue(found) == Some(queue);
    if !broker.find(&own)?.iter().any(is_own) {
        return Ok(());
    }
    let error = OwnQueue { task: task.name.clone(), queue: queue.to_owned() };
    Err(Failure::new(Exit::Refused, error)
        .with_way_out("run it without `--wait`, or let it follow: `oncue edit NAME --after TASK`"))
}

fn queue(task: &TaskInfo) -> Option<&str> {
    task.policy.as_ref().and_then(Word::known)?.queue.as_deref()
}
