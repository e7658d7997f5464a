//! The package's tasks, as stored by the broker.

use oncue_types::{Changes, RegisterMode, TaskId, TaskSpec};
use oncue_wire::{GroupInfo, How, RunState, TaskInfo, Watched, Word, ask, convert, limits};

use crate::broker::client::Client;
use crate::event::Handler;
use crate::{
    ApplicationTriggerResult, BackgroundTaskRegistration, BackgroundTaskRegistrationGroup, Cancel, Error,
    EventRegistrationToken, Force, RegisterResult, RequestResult, TaskState, Trigger,
};

/// The number of tasks to request at once.
pub(crate) const PAGE: u32 = 2_000;

pub(crate) fn register(
    task: TaskSpec,
    mode: RegisterMode,
) -> Result<(BackgroundTaskRegistration, RegisterResult), Error> {
    let asked = ask::Register { task: convert::asked(&task, mode) };
    let registered = Client::get().ask(&asked)?;
    let result = match registered.how {
        Word::Known(How::Kept) => RegisterResult::Kept,
        Word::Known(How::Replaced) => {
            RegisterResult::Replaced(Changes::named(registered.changed.iter().map(String::as_str)))
        }
        Word::Known(How::New) | Word::Other(_) => RegisterResult::New,
    };
    let task = if result == RegisterResult::Kept {
        let TaskInfo { task_id, name, trigger, group, .. } = look_up(registered.task_id)?;
        registration(task_id, name, trigger, group)
    } else {
        let asked = asked.task;
        registration(registered.task_id, asked.name, asked.trigger, asked.group)
    };
    Ok((task, result))
}

pub(crate) fn all_tasks() -> Result<Vec<BackgroundTaskRegistration>, Error> {
    let mut tasks = Vec::new();
    let mut after = String::new();
    loop {
        let page = Client::get().ask(&ask::Tasks { whose: Watched::Own, after, most: PAGE })?;
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

pub(crate) fn state(task: &BackgroundTaskRegistration) -> Result<Word<TaskState>, Error> {
    look_up(TaskId(task.task_id())).map(|task| task.state)
}

pub(crate) fn unregister(task: &BackgroundTaskRegistration, cancel: Cancel) -> Result<(), Error> {
    Client::get().ask(&ask::Unregister { task_id: task.task_id().to_string(), cancel: cancel.is_yes() })
}

pub(crate) fn request(task: &BackgroundTaskRegistration, force: Force) -> Result<RequestResult, Error> {
    let force = force == Force::Yes;
    let fired = Client::get().ask(&ask::Fire { task_id: task.task_id().to_string(), force })?;
    Ok(match fired.state {
        Word::Known(RunState::Started) => RequestResult::Started,
        Word::Known(RunState::Held) => RequestResult::Held,
        Word::Known(RunState::AfterThis) => RequestResult::AfterThis,
        Word::Other(_) => RequestResult::Other,
    })
}

pub(crate) fn request_application(
    task: &BackgroundTaskRegistration,
    arguments: &[String],
) -> Result<ApplicationTriggerResult, Error> {
    let (task_id, arguments) = (task.task_id().to_string(), arguments.to_vec());
    let result = Client::get().ask(&ask::Request { task_id, arguments })?;
    Ok(ApplicationTriggerResult::numbered(result))
}

pub(crate) fn signal(name: &str, arguments: &[String]) -> Result<u32, Error> {
    Client::get().ask(&ask::Signal { name: name.to_owned(), arguments: arguments.to_vec() })
}

pub(crate) fn attach(
    task: &BackgroundTaskRegistration,
    handler: Handler,
) -> Result<EventRegistrationToken, Error> {
    let client = Client::get();
    // The handler is attached first, so that it receives every signal from then on.
    let token = client.listening().attach(task.clone(), handler)?;
    client.listen().inspect_err(|_| {
        client.listening().detach(token);
    })?;
    Ok(token)
}

pub(crate) fn detach(token: EventRegistrationToken) -> bool {
    Client::get().listening().detach(token)
}

/// Converts a task from the broker.
pub(crate) fn registration(
    task: TaskId,
    name: String,
    trigger: Word<oncue_types::Trigger>,
    group: Option<GroupInfo>,
) -> BackgroundTaskRegistration {
    let group = group.map(|group| BackgroundTaskRegistrationGroup::with_name(group.id, group.name));
    BackgroundTaskRegistration::new(task.0, name, Trigger::new(trigger), group)
}

/// Asks for the current state of a task.
pub(crate) fn look_up(task_id: TaskId) -> Result<TaskInfo, Error> {
    let found = Client::get().ask(&ask::Find { named: task_id.to_string() })?;
    let same = found.into_iter().find(|task| task.task_id == task_id);
    same.ok_or_else(|| Error::unknown_task(&task_id.to_string()))
}
