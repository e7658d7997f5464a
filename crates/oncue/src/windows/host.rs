//! Implements the host for Windows.

use std::path::PathBuf;

use oncue_types::{Guid, RegisterMode, RegisterResult, TaskSpec, TaskState};
use oncue_wire::Word;

use super::apartment::within;
use super::fault::Fault;
use super::meaning::Call;
use super::server::Server;
use super::{events, identity, registry};
use crate::access::BackgroundAccessStatus;
use crate::error::Error;
use crate::event::EventRegistrationToken;
use crate::event::Handler;
use crate::host::Host;
use crate::package::Package;
use crate::registration::{BackgroundTaskRegistration, Cancel, Force, RequestResult};
use crate::trigger::ApplicationTriggerResult;

/// Windows itself, for a process with a package identity.
pub(crate) struct Windows;

impl Host for Windows {
    type Server = Server;

    fn register(
        task: TaskSpec,
        mode: RegisterMode,
    ) -> Result<(BackgroundTaskRegistration, RegisterResult), Error> {
        registry::register(task, mode)
    }

    fn all_tasks() -> Result<Vec<BackgroundTaskRegistration>, Error> {
        within(registry::all_tasks)?
    }

    fn state(_: &BackgroundTaskRegistration) -> Result<Word<TaskState>, Error> {
        Err(Error::not_supported(
            "the state of a task: Windows does not tell it",
            "follow the task with `on_progress` and `on_completed`",
        ))
    }

    fn unregister(task: &BackgroundTaskRegistration, cancel: Cancel) -> Result<(), Error> {
        let id = task.task_id();
        within(move || registry::unregister(id, cancel.is_yes()))?
    }

    fn request(_: &BackgroundTaskRegistration, _: Force) -> Result<RequestResult, Error> {
        Err(no_application_trigger())
    }

    fn request_application(
        _: &BackgroundTaskRegistration,
        _: Vec<String>,
    ) -> Result<ApplicationTriggerResult, Error> {
        Err(no_application_trigger())
    }

    fn signal(trigger_id: &str, _: Vec<String>) -> Result<u32, Error> {
        Err(Error::not_supported(
            format!(
                "the event `{trigger_id}`: Windows gives a CustomSystemEventTrigger to no task with a class id"
            ),
            "leave a file in the package's local folder, and look for it in a `TimeTrigger`'s run",
        ))
    }

    fn attach(task: &BackgroundTaskRegistration, handler: Handler) -> Result<EventRegistrationToken, Error> {
        let task = task.clone();
        within(move || events::attach(&task, handler))?
    }

    fn detach(task: &BackgroundTaskRegistration, token: EventRegistrationToken) -> bool {
        let id = task.task_id();
        within(move || events::detach(id, token)).unwrap_or(false)
    }

    fn request_access() -> Result<BackgroundAccessStatus, Error> {
        within(identity::request_access)?
    }

    fn access_status() -> Result<BackgroundAccessStatus, Error> {
        within(identity::access_status)?
    }

    fn remove_access() -> Result<(), Error> {
        within(identity::remove_access)?
    }

    fn package() -> Result<Package, Error> {
        within(identity::package)?
    }

    fn local_folder() -> Result<PathBuf, Error> {
        within(identity::local_folder)?
    }
}

fn no_application_trigger() -> Error {
    Error::not_supported(
        "a run on request: Windows gives an ApplicationTrigger to no task with a class id",
        "wait for the trigger; while developing, run `Start-AppBackgroundTask` or `plmdebug /activateBgTask`",
    )
}

/// Converts an error of a call to Windows into the public error.
pub(crate) fn given_by(call: Call) -> impl Fn(windows_core::Error) -> Error {
    move |error| Error::fault(Fault::new(call, error.code().0.cast_unsigned(), error.message()))
}

/// Converts a GUID of Windows.
pub(crate) fn guid(theirs: windows_core::GUID) -> Guid {
    Guid::from_u128(theirs.to_u128())
}
