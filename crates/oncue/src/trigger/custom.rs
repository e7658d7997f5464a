//! A trigger that fires when an event is raised by name.

use oncue_types::Trigger;

/// Wakes a task when an event with this name is raised, by this package
/// ([`raise_custom_system_event`](crate::raise_custom_system_event)) or by the user (`oncue signal NAME`).
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

super::trigger!(CustomSystemEventTrigger, trigger => Trigger::Signal {
    id: trigger.trigger_id.as_str().into(),
    once: trigger.recurrence == CustomSystemEventTriggerRecurrence::Once,
});
