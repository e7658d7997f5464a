//! What an app registers.

use alloc::boxed::Box;
use alloc::sync::Arc;

use crate::condition::Condition;
use crate::group::Group;
use crate::guid::Guid;
use crate::policy::Policy;
use crate::trigger::Trigger;

/// What an app asks for when it registers a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskSpec {
    /// The task's name; several tasks may share one.
    pub name: Arc<str>,
    /// The group that it belongs to; few tasks have one.
    pub group: Option<Box<Group>>,
    /// The class whose object runs it.
    pub class: Guid,
    /// What wakes it.
    pub trigger: Trigger,
    /// What must hold for it to run.
    pub condition: Option<Box<Condition>>,
    /// Its other choices; nothing when they are all the default.
    pub policy: Option<Box<Policy>>,
}

impl TaskSpec {
    /// Returns the id of the group that the task belongs to.
    #[must_use]
    pub fn group_id(&self) -> Option<&str> {
        self.group.as_ref().map(|group| &*group.id)
    }
}
