//! A trigger that fires when an event is raised by name.

use oncue_types::Trigger;

use crate::Error;
use crate::host::{Here, Host};

/// Wakes a task when an event with this name is raised, by this package
/// ([`raise_custom_system_event`]) or by the user (`oncue signal NAME`).
///
/// Microsoft: *CustomSystemEventTrigger Class (Windows.ApplicationModel.Background)*. Not available
/// on Windows for tasks with a class id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomSystemEventTrigger {
    trigger_id: String,
    recurrence: CustomSystemEventTriggerRecurrence,
}

/// How often it fires, with WinRT's numbers.
///
/// Microsoft: *CustomSystemEventTriggerRecurrence Enum (Windows.ApplicationModel.Background)*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u32)]
pub enum CustomSystemEventTriggerRecurrence {
    /// Once in a session; it fires again only after the broker has restarted.
    Once = 0,
    /// Every time.
    Always = 1,
}

impl CustomSystemEventTrigger {
    /// Creates a trigger for the event with this name, which is one word such as `contoso.ready`.
    /// It is checked by [`register`](crate::BackgroundTaskBuilder::register).
    #[must_use]
    pub fn new(trigger_id: impl Into<String>, recurrence: CustomSystemEventTriggerRecurrence) -> Self {
        Self { trigger_id: trigger_id.into(), recurrence }
    }

    /// Returns the event's name. Microsoft: *…TriggerId*.
    #[must_use]
    pub fn trigger_id(&self) -> &str {
        &self.trigger_id
    }

    /// Returns how often it fires. Microsoft: *…Recurrence*.
    #[must_use]
    pub fn recurrence(&self) -> CustomSystemEventTriggerRecurrence {
        self.recurrence
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

super::trigger!(CustomSystemEventTrigger, trigger => Trigger::Signal {
    id: trigger.trigger_id.as_str().into(),
    once: trigger.recurrence == CustomSystemEventTriggerRecurrence::Once,
});
