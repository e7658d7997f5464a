//! When the app asks for it.

use crate::host::{Here, Host};
use crate::{BackgroundTaskRegistration, Error};

/// Wakes a task when its app asks for a run.
///
/// Microsoft: *ApplicationTrigger Class (Windows.ApplicationModel.Background)*. WinRT asks through
/// the trigger object that was registered; here any process of the package asks by the task, so that
/// it can ask after a restart too. Windows does not give it to tasks with a class id.
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

/// What became of asking for a run, with WinRT's numbers.
///
/// Microsoft: *ApplicationTriggerResult Enum (Windows.ApplicationModel.Background)*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum ApplicationTriggerResult {
    /// The task has fired; its conditions still decide when it runs.
    Allowed = 0,
    /// It runs or is held because of an earlier request, and this one was not taken in.
    CurrentlyRunning = 1,
    /// The user denies the package to run in the background.
    DisabledByPolicy = 2,
    /// Something that this version does not know.
    UnknownError = 3,
}

impl ApplicationTrigger {
    /// Makes a trigger.
    #[must_use]
    pub fn new() -> Self {
        Self
    }

    /// Asks for a run of a task that was registered with this trigger; the run finds the arguments in
    /// its [`TriggerDetails`](crate::TriggerDetails). Microsoft: *ApplicationTrigger.RequestAsync*.
    ///
    /// # Errors
    /// When the task is no longer registered or has another trigger, an argument has a NUL, or no
    /// broker can be reached.
    pub fn request<A: Into<String>>(
        task: &BackgroundTaskRegistration,
        arguments: impl IntoIterator<Item = A>,
    ) -> Result<ApplicationTriggerResult, Error> {
        Here::request_application(task, arguments.into_iter().map(Into::into).collect())
    }
}

impl ApplicationTriggerResult {
    /// Returns the one of that number.
    #[cfg_attr(windows, expect(dead_code, reason = "Windows has no such trigger for tasks with a class id"))]
    pub(crate) const fn numbered(number: u32) -> Self {
        match number {
            0 => Self::Allowed,
            1 => Self::CurrentlyRunning,
            2 => Self::DisabledByPolicy,
            _ => Self::UnknownError,
        }
    }
}

super::trigger!(ApplicationTrigger, _trigger => "application".to_owned());
