//! The interface between what an app sees and the host that brokers its tasks on this platform.

use std::path::PathBuf;
use std::sync::Arc;

use oncue_types::{
    ApplicationResult, ClassUse, Cookie, Guid, RegisterMode, RegisterResult, TaskSpec, TaskState,
};
use oncue_wire::Word;

use crate::access::BackgroundAccessStatus;
use crate::class::ClassFactory;
use crate::error::Error;
use crate::event::{EventRegistrationToken, Handler};
use crate::idle::IdlePolicy;
use crate::package::Package;
use crate::past_run::PastRun;
use crate::registration::{BackgroundTaskRegistration, Cancel, Force, RequestResult};

/// The host that brokers tasks. The public types check what is the same everywhere and leave the
/// rest to the host. Their documentation describes what each call does.
pub(crate) trait Host {
    type Server: Server + std::fmt::Debug;

    fn register(
        task: TaskSpec,
        mode: RegisterMode,
    ) -> Result<(BackgroundTaskRegistration, RegisterResult), Error>;
    /// Returns all tasks of the package, whether in a group or not.
    fn all_tasks() -> Result<Vec<BackgroundTaskRegistration>, Error>;
    fn state(task: &BackgroundTaskRegistration) -> Result<Word<TaskState>, Error>;
    fn unregister(task: &BackgroundTaskRegistration, cancel: Cancel) -> Result<(), Error>;
    fn request(task: &BackgroundTaskRegistration, force: Force) -> Result<RequestResult, Error>;
    fn request_application(
        task: &BackgroundTaskRegistration,
        arguments: Vec<String>,
    ) -> Result<ApplicationResult, Error>;
    /// Raises an event by name, and returns how many tasks fired.
    fn signal(trigger_id: &str, arguments: Vec<String>) -> Result<u32, Error>;

    /// Returns at least one and at most `most` of the last firings that have ended, latest first. A
    /// host without a ledger returns none.
    fn recent_runs(_: &BackgroundTaskRegistration, _most: u32) -> Result<Vec<PastRun>, Error> {
        Ok(Vec::new())
    }

    fn attach(task: &BackgroundTaskRegistration, handler: Handler) -> Result<EventRegistrationToken, Error>;
    fn detach(task: &BackgroundTaskRegistration, token: EventRegistrationToken) -> bool;

    fn request_access() -> Result<BackgroundAccessStatus, Error>;
    fn access_status() -> Result<BackgroundAccessStatus, Error>;
    fn remove_access() -> Result<(), Error>;
    fn package() -> Result<Package, Error>;
    /// Returns the package's local folder, and creates it if it does not exist.
    fn local_folder() -> Result<PathBuf, Error>;
}

/// A process that serves classes.
pub(crate) trait Server: Sized {
    fn new() -> Result<Self, Error>;
    /// Registers a class object; a suspended one only serves after all of them are resumed.
    fn register(
        &self,
        class: Guid,
        factory: Arc<dyn ClassFactory>,
        class_use: ClassUse,
        suspended: bool,
    ) -> Result<Cookie, Error>;
    fn resume(&self) -> Result<(), Error>;
    fn revoke(&self, cookie: Cookie) -> Result<(), Error>;
    fn wait(&self, until: IdlePolicy) -> Result<(), Error>;
}
