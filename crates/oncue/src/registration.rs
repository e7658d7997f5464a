//! A registered task, as its app sees and controls it.

use oncue_types::Guid;

use crate::group::BackgroundTaskRegistrationGroup;
use crate::trigger::Trigger;

/// A registered task. A clone refers to the same task.
///
/// Microsoft: *BackgroundTaskRegistration Class (Windows.ApplicationModel.Background)*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackgroundTaskRegistration {
    task_id: Guid,
    name: String,
    trigger: Trigger,
    group: Option<BackgroundTaskRegistrationGroup>,
}

/// Whether [`unregister`](BackgroundTaskRegistration::unregister) cancels the task's current run.
///
/// It takes the place of WinRT's boolean parameter `cancelTask`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cancel {
    /// The run is cancelled with [`Abort`](crate::BackgroundTaskCancellationReason::Abort).
    Yes,
    /// The run continues to its end.
    No,
}

/// Whether [`request`](BackgroundTaskRegistration::request) runs a task whose conditions do not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Force {
    /// The task runs even if its conditions do not hold.
    Yes,
    /// The task is held until its conditions hold.
    No,
}

/// The result of a request to run a task now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestResult {
    /// A run began.
    Started,
    /// The task is held: by its conditions, by quarantine, or because the user denied its package.
    Held,
    /// Another run is in progress; the task runs again afterwards.
    AfterThis,
    /// The task was fired, and a newer broker reported a result that this version does not know.
    Other,
}

impl Cancel {
    pub(crate) const fn is_yes(self) -> bool {
        matches!(self, Self::Yes)
    }
}

impl BackgroundTaskRegistration {
    pub(crate) fn new(
        task_id: Guid,
        name: String,
        trigger: Trigger,
        group: Option<BackgroundTaskRegistrationGroup>,
    ) -> Self {
        Self { task_id, name, trigger, group }
    }

    /// Returns the task's id, which is never reused. Microsoft: *…TaskId*.
    #[must_use]
    pub fn task_id(&self) -> Guid {
        self.task_id
    }

    /// Returns the task's name; several tasks can have the same name. Microsoft: *…Name*.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the task's trigger. Microsoft: *…Trigger*.
    #[must_use]
    pub fn trigger(&self) -> &Trigger {
        &self.trigger
    }

    /// Returns the group in which the task was registered, with the name that it was given then.
    /// Microsoft: *…TaskGroup*.
    #[must_use]
    pub fn task_group(&self) -> Option<&BackgroundTaskRegistrationGroup> {
        self.group.as_ref()
    }
}
