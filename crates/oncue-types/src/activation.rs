//! A run as its task server gets it.

use alloc::sync::Arc;

use crate::firing::Firing;
use crate::group::Group;
use crate::guid::Guid;
use crate::id::{InstanceId, TaskId};
use crate::trigger::Trigger;

/// A run as its server gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activation {
    /// The run.
    pub instance: InstanceId,
    /// Its task.
    pub task: TaskId,
    /// The task's name.
    pub name: Arc<str>,
    /// The group of its task; nothing when the task was unregistered meanwhile.
    pub group: Option<Group>,
    /// The class whose object is to run it.
    pub class: Guid,
    /// The task's trigger; nothing when the task was unregistered meanwhile.
    pub trigger: Option<Trigger>,
    /// What it answers.
    pub firing: Firing,
}
