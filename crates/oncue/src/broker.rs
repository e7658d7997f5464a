//! oncue's own broker as the host: everything that talks to it.

mod bytes;
pub(crate) mod client;
pub(crate) mod clock;
mod connection;
pub(crate) mod dial;
mod fault;
mod greeting;
mod identity;
pub(crate) mod io;
pub(crate) mod ledger;
mod link;
mod listening;
mod moment;
mod pace;
mod question;
pub(crate) mod registry;
mod report;
pub(crate) mod scope;
mod server;
mod serving;
mod start;
mod throttle;
pub mod tools;
pub(crate) mod unreachable;
pub mod why;

use std::path::PathBuf;

use oncue_types::{RegisterMode, TaskSpec};

use crate::event::Handler;
use crate::host::Host;
use crate::{
    ApplicationTriggerResult, BackgroundAccessStatus, BackgroundTaskRegistration, Cancel, Error,
    EventRegistrationToken, Force, Package, PastRun, RegisterResult, RequestResult, TaskState, Word,
};

/// oncue's own broker, one per user.
pub(crate) struct Broker;

impl Host for Broker {
    type Server = server::Server;
    type Fault = fault::Fault;

    fn register(
        task: TaskSpec,
        mode: RegisterMode,
    ) -> Result<(BackgroundTaskRegistration, RegisterResult), Error> {
        registry::register(task, mode)
    }

    fn all_tasks() -> Result<Vec<BackgroundTaskRegistration>, Error> {
        registry::all_tasks()
    }

    fn state(task: &BackgroundTaskRegistration) -> Result<Word<TaskState>, Error> {
        registry::state(task)
    }

    fn unregister(task: &BackgroundTaskRegistration, cancel: Cancel) -> Result<(), Error> {
        registry::unregister(task, cancel)
    }

    fn request(task: &BackgroundTaskRegistration, force: Force) -> Result<RequestResult, Error> {
        registry::request(task, force)
    }

    fn request_application(
        task: &BackgroundTaskRegistration,
        arguments: Vec<String>,
    ) -> Result<ApplicationTriggerResult, Error> {
        registry::request_application(task, &arguments)
    }

    fn signal(trigger_id: &str, arguments: Vec<String>) -> Result<u32, Error> {
        registry::signal(trigger_id, &arguments)
    }

    fn recent_runs(task: &BackgroundTaskRegistration, most: u32) -> Result<Vec<PastRun>, Error> {
        ledger::recent_runs(task, most)
    }

    fn attach(task: &BackgroundTaskRegistration, handler: Handler) -> Result<EventRegistrationToken, Error> {
        registry::attach(task, handler)
    }

    fn detach(_: &BackgroundTaskRegistration, token: EventRegistrationToken) -> bool {
        registry::detach(token)
    }

    fn request_access() -> Result<BackgroundAccessStatus, Error> {
        identity::access_status()
    }

    fn access_status() -> Result<BackgroundAccessStatus, Error> {
        identity::access_status()
    }

    fn remove_access() -> Result<(), Error> {
        Ok(())
    }

    fn package() -> Result<Package, Error> {
        identity::package()
    }

    fn local_folder() -> Result<PathBuf, Error> {
        identity::local_folder()
    }
}
