//! What an app writes: a background task.

use crate::BackgroundTaskInstance;

/// Why a run failed: any error, as the task knows it. Its text goes into the ledger.
pub type TaskError = Box<dyn std::error::Error + Send + Sync>;

/// A background task: what is to be done when the trigger has fired and the conditions hold.
///
/// Microsoft: *IBackgroundTask Interface (Windows.ApplicationModel.Background)*. A
/// [`ClassFactory`](crate::ClassFactory) makes one object per run.
pub trait BackgroundTask: Send + Sync + 'static {
    /// Does the work of one run.
    ///
    /// It is called on a thread of its own and may block; work that is awaited is an
    /// [`AsyncBackgroundTask`](crate::AsyncBackgroundTask). The run is complete when it has returned
    /// **and** every [deferral](BackgroundTaskInstance::deferral) is complete. A cancelled run has
    /// 5 seconds to complete, unless the task's grace says otherwise; then its process is killed.
    ///
    /// # Errors
    /// An error, or a panic, makes this run a failed one; the task server lives on. Windows is not
    /// told, since it would start the task again without end; who listens is.
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
