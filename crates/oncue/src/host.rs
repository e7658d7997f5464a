//! The interface between what an app sees and the host that brokers its tasks on this platform.

use std::path::PathBuf;
use std::sync::Arc;

use oncue_types::{RegisterMode, TaskSpec};
use oncue_wire::Code;

use crate::event::Handler;
use crate::run::Run;
use crate::worker;
use crate::{
    ApplicationTriggerResult, BackgroundAccessStatus, BackgroundTaskRegistration,
    BackgroundTaskThrottleCounter, Cancel, ClassFactory, ClassUse, Cookie, Error, EventRegistrationToken,
    Force, Guid, IdlePolicy, Package, PastRun, RegisterResult, RequestResult, TaskState, Word,
};

/// The host of this platform.
#[cfg(not(windows))]
pub(crate) type Here = crate::broker::Broker;
/// The host of this platform.
#[cfg(windows)]
pub(crate) type Here = crate::windows::Windows;

/// On whose behalf a thread acts.
#[cfg(not(windows))]
pub(crate) use crate::broker::scope::Scope;

/// On whose behalf a thread acts: always this process, because Windows has no test kit.
#[cfg(windows)]
pub(crate) struct Scope;

#[cfg(windows)]
impl Scope {
    pub(crate) fn here() -> Self {
        Self
    }

    pub(crate) fn within<R>(&self, act: impl FnOnce() -> R) -> R {
        act()
    }
}

/// The host that brokers tasks. The public types check what is the same everywhere and leave the
/// rest to the host. Their documentation describes what each call does.
pub(crate) trait Host {
    type Server: Server + std::fmt::Debug;
    type Fault: Fault;

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
    ) -> Result<ApplicationTriggerResult, Error>;
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

/// An error between this process and its host. It displays the facts.
pub(crate) trait Fault: std::error::Error {
    /// Returns the corresponding refusal, if the host understood the request and refused it.
    fn code(&self) -> Option<Code>;
    /// Returns the `HRESULT` that Windows uses for this error.
    fn hresult(&self) -> u32;
    /// Returns what the caller can do about it.
    fn way_out(&self) -> Option<&str>;
    /// Whether the host could not be reached.
    fn is_unreachable(&self) -> bool;
    /// Whether host and process cannot understand each other because their versions differ.
    fn is_incompatible(&self) -> bool {
        false
    }
}

/// Reports the events of one run.
pub(crate) trait Report: Send + Sync {
    /// The run has a progress value that has not been taken yet.
    fn progress(&self, run: &Arc<Run>);
    /// The run has ended. Called once, as the last call.
    fn completed(&self, run: &Arc<Run>, error: Option<String>);
    /// Calls the run's own handlers, on a separate thread.
    fn tell(&self, telling: Box<dyn FnOnce() + Send>) {
        worker::run(telling);
    }
    /// How often resource policy has suspended the run.
    fn suspended_count(&self) -> u32;
    /// How often resource policy has slowed the run down.
    fn throttle_count(&self, counter: BackgroundTaskThrottleCounter) -> u32;
}
