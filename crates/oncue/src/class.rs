//! Class factories, which create tasks, and their registration.

use crate::task::{BackgroundTask, TaskError};

/// Creates the objects of a class, one for each run.
///
/// Microsoft: *IClassFactory interface (unknwn.h)*. Closures that return a task implement this,
/// such as `|| SampleTask::default()`.
pub trait ClassFactory: Send + Sync + 'static {
    /// Creates the object for one run.
    ///
    /// # Errors
    /// An error fails this run; the task server continues.
    fn create_instance(&self) -> Result<Box<dyn BackgroundTask>, TaskError>;
}

impl<F, T> ClassFactory for F
where
    F: Fn() -> T + Send + Sync + 'static,
    T: BackgroundTask,
{
    fn create_instance(&self) -> Result<Box<dyn BackgroundTask>, TaskError> {
        Ok(Box::new(self()))
    }
}
