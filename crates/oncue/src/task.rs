//! Background tasks, which an app implements.

use crate::instance::BackgroundTaskInstance;

/// Why a run failed: any error. Its text is recorded in the ledger.
pub type TaskError = Box<dyn std::error::Error + Send + Sync>;

/// A background task: the work to do when the trigger has fired and the conditions hold.
///
/// Microsoft: *IBackgroundTask Interface (Windows.ApplicationModel.Background)*. A
/// [`ClassFactory`](crate::ClassFactory) creates one object for each run.
pub trait BackgroundTask: Send + Sync + 'static {
    /// Performs one run.
    ///
    /// This is called on its own thread and may block; for asynchronous work, use an
    /// [`AsyncBackgroundTask`](crate::AsyncBackgroundTask). The run is complete when this has
    /// returned **and** every [deferral](BackgroundTaskInstance::deferral) is complete. A cancelled
    /// run has 5 seconds to complete, unless the task sets another grace; then its process is
    /// killed.
    ///
    /// # Errors
    /// The run fails if this returns an error or panics; the task server continues. The error is
    /// not returned to Windows, which would start the task again and again, but listeners receive
    /// it.
    fn run(&self, instance: &BackgroundTaskInstance) -> Result<(), TaskError>;
}

/// The error and its causes.
pub(crate) fn error_text(error: &TaskError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
