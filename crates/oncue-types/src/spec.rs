//! What an app registers.

use alloc::boxed::Box;
use alloc::sync::Arc;

use crate::action::Action;
use crate::condition::Condition;
use crate::group::Group;
use crate::policy::Policy;
use crate::priority::Priority;
use crate::refusal::Refusal;
use crate::trigger::Trigger;

/// What an app or a person specifies when registering a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskSpec {
    /// The task's name; several tasks can have the same name.
    pub name: Arc<str>,
    /// Its group; few tasks have one.
    pub group: Option<Box<Group>>,
    /// What it does when it runs.
    pub action: Action,
    /// Its trigger.
    pub trigger: Trigger,
    /// The condition that must hold for it to run.
    pub condition: Option<Box<Condition>>,
    /// Its policy; `None` if all values are the defaults.
    pub policy: Option<Box<Policy>>,
}

impl TaskSpec {
    /// Returns the trigger by which the task fires; `None` if it is disabled.
    #[must_use]
    pub fn live_trigger(&self) -> Option<&Trigger> {
        let is_disabled = self.policy.as_ref().is_some_and(|policy| policy.disabled);
        (!is_disabled).then_some(&self.trigger)
    }

    /// Checks what can be said about the task without knowing the others.
    ///
    /// # Errors
    /// Returns an error if the command or the policy is invalid, or if the name of a command contains a slash.
    pub fn check_command(&self) -> Result<(), Refusal> {
        if let Some(command) = self.action.command() {
            command.check().map_err(|source| Refusal::Command { source })?;
            // Commands are named `commands/NAME`, and by nothing else.
            if self.name.contains('/') {
                return Err(Refusal::NameHasSlash { name: self.name.as_ref().into() });
            }
        }
        let Some(policy) = &self.policy else { return Ok(()) };
        if self.action.command().is_none() && policy.priority != Priority::default() {
            return Err(Refusal::ServerPriority);
        }
        policy.check()
    }

    /// Returns the id of the task's group.
    #[must_use]
    pub fn group_id(&self) -> Option<&str> {
        self.group.as_ref().map(|group| &*group.id)
    }
}
