//! Triggers that the app itself fires.

use crate::error::Error;
use crate::here::Here;
use crate::host::Host;
use crate::registration::BackgroundTaskRegistration;
use crate::trigger::{ApplicationTrigger, ApplicationTriggerResult};

impl ApplicationTrigger {
    /// Requests a run of a task that was registered with this trigger. The run receives the
    /// arguments in its [`TriggerDetails`](crate::TriggerDetails). Microsoft:
    /// *ApplicationTrigger.RequestAsync*.
    ///
    /// # Errors
    /// Returns an error if the task is no longer registered or has another trigger, if an argument
    /// contains a NUL character, or if the broker cannot be reached.
    pub fn request<A: Into<String>>(
        task: &BackgroundTaskRegistration,
        arguments: impl IntoIterator<Item = A>,
    ) -> Result<ApplicationTriggerResult, Error> {
        Here::request_application(task, arguments.into_iter().map(Into::into).collect())
    }
}

/// Raises an event for the tasks of this process's package that wait for it, and returns how many
/// of them fired. The runs receive the arguments in their
/// [`TriggerDetails`](crate::TriggerDetails).
///
/// Microsoft: *RaiseCustomSystemEventTrigger function (backgroundtask.h)*. On Windows, the tasks of
/// this crate cannot wait for such events, so this is refused.
///
/// # Errors
/// Returns an error if an argument contains a NUL character, or if the broker cannot be reached.
pub fn raise_custom_system_event<A: Into<String>>(
    trigger_id: &str,
    arguments: impl IntoIterator<Item = A>,
) -> Result<u32, Error> {
    Here::signal(trigger_id, arguments.into_iter().map(Into::into).collect())
}
