//! A trigger that fires when a push message arrives.

/// Wakes a task when a push message for its package arrives through the user's UnifiedPush
/// distributor. The run receives the message in its [`TriggerDetails`](crate::TriggerDetails).
///
/// Each waiting task has its own endpoint, a URL that the app passes on to its server. The task
/// receives it first, as `endpoint=URL`, and again whenever it changes. A message that is not text
/// is passed as `hex:` and its bytes.
///
/// Microsoft: *PushNotificationTrigger Class (Windows.ApplicationModel.Background)*, for raw
/// notifications of Windows' own service. Not available on Windows for tasks with a class id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PushNotificationTrigger;

impl PushNotificationTrigger {
    /// Creates a trigger.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

super::trigger!(PushNotificationTrigger, _trigger => oncue_types::Trigger::Watch(oncue_types::Watch::Push.into()));
