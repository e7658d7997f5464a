//! What makes tasks: class factories, and how they are registered.

use crate::{BackgroundTask, TaskError};

/// Makes the objects of one class, one per run.
///
/// Microsoft: *IClassFactory interface (unknwn.h)*. A closure that returns a task is one, so that
/// `|| SampleTask::default()` will do.
pub trait ClassFactory: Send + Sync + 'static {
    /// Makes an object for one run.
    ///
    /// # Errors
    /// An error fails that run; the task server lives on.
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

/// How many runs one process serves.
///
/// Microsoft: *REGCLS enumeration (combaseapi.h)*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassUse {
    /// One process serves all runs (`REGCLS_MULTIPLEUSE`).
    Multiple,
    /// One process serves one run, the next run gets a process of its own (`REGCLS_SINGLEUSE`).
    Single,
}

/// Names one registration of a class object, to revoke it by.
///
/// Microsoft: *CoRegisterClassObject function*, `lpdwRegister`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cookie(pub(crate) u32);
