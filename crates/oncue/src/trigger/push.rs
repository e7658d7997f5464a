//! When a push message arrives.

/// Wakes a task when a push message for its package arrives, through the user's UnifiedPush
/// distributor; the run finds the message in its [`TriggerDetails`](crate::TriggerDetails).
///
/// Each task that waits has an endpoint of its own, a URL that the app hands to its server. The task
/// is told it first of all, as `endpoint=URL`, and again whenever it has another one. A message that
/// is no text is told as `hex:` and its bytes.
///
/// Microsoft: *PushNotificationTrigger Class (Windows.ApplicationModel.Background)*, for raw
/// notifications of Windows' own service; refused on Windows for tasks with a class id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PushNotificationTrigger;

impl PushNotificationTrigger {
    /// Makes a trigger.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

super::trigger!(PushNotificationTrigger, _trigger => "push".to_owned());
