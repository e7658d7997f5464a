//! The tasks before a step.

use std::collections::BTreeMap;
use std::time::Duration;

use oncue_core::{Action, Condition, Policy, TaskId, TaskView, Trigger, Wall};

use crate::world::World;

/// The tasks, and the time that each gives a cancelled run.
pub(crate) struct Before {
    pub(crate) views: BTreeMap<TaskId, TaskView>,
    pub(crate) graces: BTreeMap<TaskId, Duration>,
}

/// A registration, and when it fires next.
pub(crate) type Registered = (TaskId, Action, Trigger, Option<Condition>, Policy, Option<Wall>);

impl Before {
    pub(crate) fn of(world: &World) -> Self {
        let policy = |task: &oncue_core::StoredTask| -> Policy {
            task.spec.policy.as_deref().cloned().unwrap_or_default()
        };
        let graces = (world.store.stored.tasks.iter())
            .filter_map(|task| policy(task).grace.map(|grace| (task.id, grace)))
            .collect();
        Self { views: views(world), graces }
    }

    /// Returns the registrations, and what follows from them alone.
    pub(crate) fn specs(&self) -> Vec<Registered> {
        let spec = |view: &TaskView| {
            let TaskView { id, action, trigger, condition, policy, next_due, .. } = view.clone();
            (id, action, trigger, condition, policy, next_due)
        };
        self.views.values().map(spec).collect()
    }
}

pub(crate) fn views(world: &World) -> BTreeMap<TaskId, TaskView> {
    let broker = &world.broker;
    broker.task_ids(None).filter_map(|id| broker.view(world.now, id).map(|view| (id, view))).collect()
}
