//! A trigger that fires when the app requests it.

/// Wakes a task when its app requests a run.
///
/// Microsoft: *ApplicationTrigger Class (Windows.ApplicationModel.Background)*. WinRT requests a
/// run through the trigger object that was registered. Here, any process of the package requests it
/// through the task, so that this also works after a restart. Not available on Windows for tasks
/// with a class id.
///
/// ```no_run
/// use oncue::{ApplicationTrigger, BackgroundTaskRegistration};
///
/// # fn main() -> Result<(), oncue::Error> {
/// for task in BackgroundTaskRegistration::all_tasks()? {
///     if task.name() == "Upload" {
///         ApplicationTrigger::request(&task, ["holiday.jpg"])?;
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ApplicationTrigger;

pub use oncue_types::ApplicationResult as ApplicationTriggerResult;

impl ApplicationTrigger {
    /// Creates a trigger.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

super::trigger!(ApplicationTrigger, _trigger => oncue_types::Trigger::Application);
