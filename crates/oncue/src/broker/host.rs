//! The calls of an app, as questions to the broker.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

use oncue_types::{Access, ApplicationResult, RegisterMode, RegisterResult, TaskId, TaskSpec, TaskState};
use oncue_wire::{Ask, Identity, RunState, TaskInfo, Watched, Word, ask, convert, limits};

use crate::access::BackgroundAccessStatus;
use crate::broker::answers::{past_run, register_result, registration};
use crate::broker::client::Client;
use crate::broker::server::Server;
use crate::error::Error;
use crate::event::{EventRegistrationToken, Handler};
use crate::host::Host;
use crate::package::Package;
use crate::past_run::PastRun;
use crate::registration::{BackgroundTaskRegistration, Cancel, Force, RequestResult};

/// The number of tasks or entries to request at once.
pub(crate) const PAGE: u32 = 2_000;

/// oncue's own broker, one per user.
pub(crate) struct Broker;

fn ask<M: Ask>(ask: &M) -> Result<M::Answer, Error> {
    Client::get().connection.ask(ask)
}

impl Host for Broker {
    type Server = Server;

    fn register(
        task: TaskSpec,
        mode: RegisterMode,
    ) -> Result<(BackgroundTaskRegistration, RegisterResult), Error> {
        let asked = ask::Register { task: convert::asked(&task, mode) };
        let registered = ask(&asked)?;
        let result = register_result(&registered);
        let task = if result == RegisterResult::Kept {
            let TaskInfo { task_id, name, trigger, group, .. } = look_up(registered.task_id)?;
            registration(task_id, name, trigger, group)
        } else {
            let asked = asked.task;
            registration(registered.task_id, asked.name, asked.trigger, asked.group)
        };
        Ok((task, result))
    }

    fn all_tasks() -> Result<Vec<BackgroundTaskRegistration>, Error> {
        let mut tasks = Vec::new();
        let mut after = String::new();
        loop {
            let page = ask(&ask::Tasks { whose: Watched::Own, after, most: PAGE })?;
            let last = page.len() < limits::SURELY_LAST;
            after = page.last().map(|task| task.task_id.to_string()).unwrap_or_default();
            for task in page {
                tasks.push(registration(task.task_id, task.name, task.trigger, task.group));
            }
            if last {
                return Ok(tasks);
            }
        }
    }

    fn state(task: &BackgroundTaskRegistration) -> Result<Word<TaskState>, Error> {
        look_up(TaskId(task.task_id())).map(|task| task.state)
    }

    fn unregister(task: &BackgroundTaskRegistration, cancel: Cancel) -> Result<(), Error> {
        ask(&ask::Unregister { task_id: task.task_id().to_string(), cancel: cancel.is_yes() })
    }

    fn request(task: &BackgroundTaskRegistration, force: Force) -> Result<RequestResult, Error> {
        let force = force == Force::Yes;
        let fired = ask(&ask::Fire { task_id: task.task_id().to_string(), force })?;
        Ok(match fired.state {
            Word::Known(RunState::Started) => RequestResult::Started,
            Word::Known(RunState::Held) => RequestResult::Held,
            Word::Known(RunState::AfterThis) => RequestResult::AfterThis,
            Word::Other(_) => RequestResult::Other,
        })
    }

    fn request_application(
        task: &BackgroundTaskRegistration,
        arguments: Vec<String>,
    ) -> Result<ApplicationResult, Error> {
        let task_id = task.task_id().to_string();
        Ok(ApplicationResult::numbered(ask(&ask::Request { task_id, arguments })?))
    }

    fn signal(trigger_id: &str, arguments: Vec<String>) -> Result<u32, Error> {
        ask(&ask::Signal { name: trigger_id.to_owned(), arguments })
    }

    fn recent_runs(task: &BackgroundTaskRegistration, most: u32) -> Result<Vec<PastRun>, Error> {
        // On the wire, 0 means as many as there are.
        let history = history(TaskId(task.task_id()), most.clamp(1, PAGE));
        Ok(ask(&history)?.into_iter().map(past_run).collect())
    }

    fn attach(task: &BackgroundTaskRegistration, handler: Handler) -> Result<EventRegistrationToken, Error> {
        let client = Client::get();
        // The handler is attached first, so that it receives every signal from then on.
        let token = client.listening().attach(task.clone(), handler)?;
        client.listen().inspect_err(|_| {
            client.listening().detach(|attached| attached == token);
        })?;
        Ok(token)
    }

    fn detach(_: &BackgroundTaskRegistration, token: EventRegistrationToken) -> bool {
        Client::get().listening().detach(|attached| attached == token)
    }

    fn request_access() -> Result<BackgroundAccessStatus, Error> {
        Self::access_status()
    }

    fn access_status() -> Result<BackgroundAccessStatus, Error> {
        Ok(status(&ask(&ask::Identity)?.access))
    }

    fn remove_access() -> Result<(), Error> {
        Ok(())
    }

    fn package() -> Result<Package, Error> {
        let Identity { family_name, full_name, location, .. } = ask(&ask::Identity)?;
        Ok(Package::new(family_name, full_name, location.into()))
    }

    /// Only the user has access to the folder.
    fn local_folder() -> Result<PathBuf, Error> {
        let local_folder = PathBuf::from(ask(&ask::Identity)?.local_folder);
        match DirBuilder::new().recursive(true).mode(0o700).create(&local_folder) {
            Ok(()) => Ok(local_folder),
            Err(source) => Err(Error::local_folder(local_folder, source)),
        }
    }
}

/// Asks for the current state of a task.
pub(crate) fn look_up(task_id: TaskId) -> Result<TaskInfo, Error> {
    let found = ask(&ask::Find { named: task_id.to_string() })?;
    let same = found.into_iter().find(|task| task.task_id == task_id);
    same.ok_or_else(|| Error::unknown_task(&task_id.to_string()))
}

/// Returns the question for the last entries of a task.
pub(crate) fn history(task: TaskId, most: u32) -> ask::History {
    ask::History { task_id: task.to_string(), package: String::new(), most }
}

fn status(access: &Word<Access>) -> BackgroundAccessStatus {
    match access {
        Word::Known(Access::Always) => BackgroundAccessStatus::AlwaysAllowed,
        Word::Known(Access::Policy) => BackgroundAccessStatus::AllowedSubjectToSystemPolicy,
        Word::Known(Access::Denied) => BackgroundAccessStatus::DeniedByUser,
        Word::Other(_) => BackgroundAccessStatus::Unspecified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_broker_calls_access_has_the_numbers_of_winrt() {
        for (access, number) in [("always", 4), ("policy", 5), ("denied", 7), ("on full moons", 0)] {
            assert_eq!(status(&Word::read(access)) as u32, number, "{access}");
        }
        assert_eq!(BackgroundAccessStatus::DeniedBySystemPolicy as u32, 6);
    }
}
