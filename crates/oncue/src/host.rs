//! The seam between what an app sees and who brokers its tasks on this platform.

use std::path::PathBuf;
use std::sync::Arc;

use oncue_wire::Code;

use crate::event::Handler;
use crate::run::Run;
use crate::worker;
use crate::{
    ApplicationTriggerResult, BackgroundAccessStatus, BackgroundTaskRegistration,
    BackgroundTaskRegistrationGroup, BackgroundTaskThrottleCounter, ClassFactory, ClassUse, Cookie, Error,
    EventRegistrationToken, Guid, IdlePolicy, Package, PastRun, RegisterResult, RequestResult, TaskState,
};

/// The host of this platform.
#[cfg(not(windows))]
pub(crate) type Here = crate::broker::Broker;
/// The host of this platform.
#[cfg(windows)]
pub(crate) type Here = crate::windows::Windows;

/// What a thread acts for.
#[cfg(not(windows))]
pub(crate) use crate::broker::scope::Scope;

/// What a thread acts for: always this process, because Windows has no test kit.
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

/// Who brokers tasks. The public types check what is the same everywhere, and ask it for the rest;
/// their documentation says what each call does.
pub(crate) trait Host {
    type Server: Server + std::fmt::Debug;
    type Fault: Fault;

    fn register(task: Wanted, mode: Mode) -> Result<(BackgroundTaskRegistration, RegisterResult), Error>;
    /// Lists all tasks of the package, whether in a group or not.
    fn all_tasks() -> Result<Vec<BackgroundTaskRegistration>, Error>;
    fn state(task: &BackgroundTaskRegistration) -> Result<TaskState, Error>;
    fn unregister(task: &BackgroundTaskRegistration, cancel: bool) -> Result<(), Error>;
    fn request(task: &BackgroundTaskRegistration, force: bool) -> Result<RequestResult, Error>;
    fn request_application(
        task: &BackgroundTaskRegistration,
        arguments: Vec<String>,
    ) -> Result<ApplicationTriggerResult, Error>;
    /// Raises an event by name; says how many tasks fired.
    fn signal(trigger_id: &str, arguments: Vec<String>) -> Result<u32, Error>;

    /// Lists the firings that ended last, the latest first, at least one and at most so many; a host
    /// that keeps no ledger has none.
    fn recent_runs(_: &BackgroundTaskRegistration, _most: u32) -> Result<Vec<PastRun>, Error> {
        Ok(Vec::new())
    }

    fn attach(task: &BackgroundTaskRegistration, handler: Handler) -> Result<EventRegistrationToken, Error>;
    fn detach(task: &BackgroundTaskRegistration, token: EventRegistrationToken) -> bool;

    fn request_access() -> Result<BackgroundAccessStatus, Error>;
    fn access_status() -> Result<BackgroundAccessStatus, Error>;
    fn remove_access() -> Result<(), Error>;
    fn package() -> Result<Package, Error>;
    /// Says where the package's local folder lies, and makes it if it is missing.
    fn local_folder() -> Result<PathBuf, Error>;
}

/// A process that serves classes.
pub(crate) trait Server: Sized {
    fn new() -> Result<Self, Error>;
    /// Registers a class object; a suspended one serves once all of them are resumed.
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

/// What goes wrong between this process and its host. It displays the facts.
pub(crate) trait Fault: std::error::Error {
    /// Which refusal it amounts to, if the host understood and said no.
    fn code(&self) -> Option<Code>;
    /// The `HRESULT` that Windows gives for the same.
    fn hresult(&self) -> u32;
    /// What the caller can do about it.
    fn way_out(&self) -> Option<&str>;
    /// Whether the host could not be asked.
    fn is_unreachable(&self) -> bool;
    /// Whether host and process are of versions that do not understand each other.
    fn is_incompatible(&self) -> bool {
        false
    }
}

/// Where the news of one run go.
pub(crate) trait Report: Send + Sync {
    /// The run has a progress value that was not yet taken out of it.
    fn progress(&self, run: &Arc<Run>);
    /// The run has ended; called once, and last.
    fn completed(&self, run: &Arc<Run>, error: Option<String>);
    /// Has the run's own handlers told, on a thread of their own.
    fn tell(&self, telling: Box<dyn FnOnce() + Send>) {
        worker::run(telling);
    }
    /// How often resource policy has suspended the run.
    fn suspended_count(&self) -> u32;
    /// How often resource policy has slowed the run down.
    fn throttle_count(&self, counter: BackgroundTaskThrottleCounter) -> u32;
}

/// The task that is to be registered; trigger, condition and policy in their one text form.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) name: String,
    pub(crate) group: Option<BackgroundTaskRegistrationGroup>,
    pub(crate) class: Guid,
    pub(crate) trigger: String,
    pub(crate) conditions: Vec<String>,
    pub(crate) policy: Vec<String>,
}

/// What is done about a task of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Nothing: both live.
    Always,
    /// It is kept, and none is registered.
    Keep,
    /// It is replaced.
    Replace,
}
