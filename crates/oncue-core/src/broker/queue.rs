//! Queues: of the tasks that are in the same queue, one runs at a time, the one that has waited longest first.

use alloc::collections::BTreeMap;
use alloc::string::ToString as _;
use alloc::sync::Arc;
use alloc::vec::Vec;

use oncue_types::{Blocker, Boot, InstanceId, Moment, TaskId};

use crate::broker::Broker;
use crate::effect::Effects;
use crate::tasks::{Task, TaskKey};

/// Whose turn it is in each queue.
#[derive(Debug, Default)]
pub(super) struct Queues {
    /// The runs that are alive, by queue.
    running: BTreeMap<Arc<str>, Turn>,
}

/// The run whose turn it is.
#[derive(Debug)]
struct Turn {
    run: InstanceId,
    task: TaskId,
    /// The task's name.
    name: Arc<str>,
}

impl Queues {
    /// Returns what a task waits for, if another one of its queue runs.
    pub(super) fn blocks(&self, task: &Task) -> Option<Blocker> {
        let turn = self.running.get(&**queue(task)?)?;
        (turn.task != task.id()).then(|| Blocker::Queue(turn.name.to_string()))
    }

    /// Notes that a run has begun.
    pub(super) fn run_begins(&mut self, task: &Task, instance: InstanceId) {
        if let Some(queue) = queue(task) {
            let turn = Turn { run: instance, task: task.id(), name: task.spec().name.clone() };
            self.running.insert(queue.clone(), turn);
        }
    }

    /// Notes that a run is over; returns its queue if that has become free.
    fn run_over(&mut self, run: InstanceId) -> Option<Arc<str>> {
        let (queue, _) = self.running.iter().find(|(_, turn)| turn.run == run)?;
        let queue = queue.clone();
        self.running.remove(&queue);
        Some(queue)
    }
}

impl Broker {
    /// Lets the task run that has waited longest in the queue of a run that is over.
    pub(super) fn leave_queue(&mut self, now: Moment, run: InstanceId, out: &mut Effects) {
        let Some(free) = self.queues.run_over(run) else { return };
        let since = |key: &TaskKey| self.tasks[*key].held().map_or(Boot::default(), |waiting| waiting.since);
        let mut waiting: Vec<TaskKey> = self.tasks.held();
        waiting.retain(|key| queue(&self.tasks[*key]) == Some(&free));
        waiting.sort_by_key(since);
        for key in waiting {
            if self.tasks.get(key).is_some() {
                self.judge(now, key, out);
            }
        }
    }
}

fn queue(task: &Task) -> Option<&Arc<str>> {
    task.policy()?.queue.as_ref()
}
