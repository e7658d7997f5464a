//! A run, as its task server receives it.

use alloc::sync::Arc;

use crate::firing::Firing;
use crate::group::Group;
use crate::id::{InstanceId, TaskId};
use crate::trigger::Trigger;

/// A run, as its server receives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activation {
    /// The run.
    pub instance: InstanceId,
    /// Its task.
    pub task: TaskId,
    /// The task's name.
    pub name: Arc<str>,
    /// The group of its task; `None` if the task has been unregistered.
    pub group: Option<Group>,
    /// The task's trigger; `None` if the task has been unregistered.
    pub trigger: Option<Trigger>,
    /// The firing that it answers.
    pub firing: Firing,
}
