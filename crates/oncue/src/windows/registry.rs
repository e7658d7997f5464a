//! The package's registrations, as Windows keeps them.

use windows::ApplicationModel::Background::{
    self as theirs, BackgroundTaskBuilder, IBackgroundTaskRegistration, IBackgroundTaskRegistration2,
    SystemCondition, SystemConditionType,
};
use windows_core::{GUID, HSTRING, Interface};

use super::apartment::within;
use super::failures::Failures;
use super::host::{given_by, guid};
use super::identity;
use super::meaning::Call;
use super::request::{self, Request, Trigger};
use crate::host::{Mode, Wanted};
use crate::trigger::sealed::Text as _;
use crate::{BackgroundTaskRegistration, Error, Guid, RegisterResult, TimeTrigger};

/// Registers a task, or refuses before Windows is asked.
pub(crate) fn register(
    task: Wanted,
    mode: Mode,
) -> Result<(BackgroundTaskRegistration, RegisterResult), Error> {
    let request = request::read(task)?;
    within(move || ask(&request, mode))?
}

fn ask(request: &Request, mode: Mode) -> Result<(BackgroundTaskRegistration, RegisterResult), Error> {
    let same = if mode == Mode::Always { None } else { named(&request.name)? };
    if let (Mode::Keep, Some(task)) = (mode, &same) {
        let task = described(task).map_err(given_by(Call::AllTasks))?;
        return Ok((task, RegisterResult::Kept));
    }
    // Without having been asked, Windows lets no TimeTrigger fire. Its answer may be a no, which the
    // user may take back later: that is no reason not to register.
    identity::request_access()?;
    let task = build(request).map_err(given_by(Call::Register))?;
    let Some(same) = same else { return Ok((task, RegisterResult::New)) };
    // Only now: should Windows refuse the new one, the old one is still there.
    same.Unregister(false).map_err(given_by(Call::Unregister))?;
    Ok((task, RegisterResult::Replaced))
}

fn build(request: &Request) -> windows_core::Result<BackgroundTaskRegistration> {
    let builder = BackgroundTaskBuilder::new()?;
    builder.SetName(&HSTRING::from(&request.name))?;
    builder.SetTaskEntryPointClsid(GUID::from_u128(request.class.to_u128()))?;
    let Trigger::Time { minutes, one_shot } = request.trigger;
    builder.SetTrigger(&theirs::TimeTrigger::Create(minutes, one_shot)?)?;
    for number in &request.conditions {
        builder.AddCondition(&SystemCondition::Create(SystemConditionType(*number))?)?;
    }
    if request.cancel_on_condition_loss {
        builder.SetCancelOnConditionLoss(true)?;
    }
    let task = builder.Register()?;
    let trigger = TimeTrigger::new(minutes, one_shot).text();
    Ok(BackgroundTaskRegistration::new(guid(task.TaskId()?), request.name.clone(), trigger))
}

pub(crate) fn all_tasks() -> Result<Vec<BackgroundTaskRegistration>, Error> {
    let tasks = all().map_err(given_by(Call::AllTasks))?;
    let tasks = tasks.iter().map(described).collect::<windows_core::Result<_>>();
    tasks.map_err(given_by(Call::AllTasks))
}

pub(crate) fn unregister(id: Guid, cancel: bool) -> Result<(), Error> {
    find(id)?.Unregister(cancel).map_err(given_by(Call::Unregister))?;
    // What is left behind of a note that cannot be removed is a few bytes that nobody reads.
    let _ = identity::local_folder().map(|folder| Failures::below(&folder).forget(id));
    Ok(())
}

/// Finds the task of that id among those of the package.
pub(crate) fn find(id: Guid) -> Result<IBackgroundTaskRegistration, Error> {
    let wanted = GUID::from_u128(id.to_u128());
    for task in all().map_err(given_by(Call::AllTasks))? {
        if task.TaskId().map_err(given_by(Call::AllTasks))? == wanted {
            return Ok(task);
        }
    }
    Err(Error::unknown_task(&id.to_string()))
}

fn named(name: &str) -> Result<Option<IBackgroundTaskRegistration>, Error> {
    for task in all().map_err(given_by(Call::AllTasks))? {
        if task.Name().map_err(given_by(Call::AllTasks))? == name {
            return Ok(Some(task));
        }
    }
    Ok(None)
}

fn all() -> windows_core::Result<Vec<IBackgroundTaskRegistration>> {
    let tasks = theirs::BackgroundTaskRegistration::AllTasks()?;
    tasks.into_iter().map(|pair| pair.Value()).collect()
}

fn described(task: &IBackgroundTaskRegistration) -> windows_core::Result<BackgroundTaskRegistration> {
    let (id, name) = (task.TaskId()?, task.Name()?);
    Ok(BackgroundTaskRegistration::new(guid(id), name.to_string_lossy(), trigger_of(task)))
}

/// Shows the task's trigger; nothing for one that Windows does not show.
pub(crate) fn trigger_of(task: &impl Interface) -> String {
    let shown = || {
        let trigger = task.cast::<IBackgroundTaskRegistration2>()?.Trigger()?;
        let trigger = trigger.cast::<theirs::TimeTrigger>()?;
        windows_core::Result::Ok(TimeTrigger::new(trigger.FreshnessTime()?, trigger.OneShot()?).text())
    };
    shown().unwrap_or_default()
}
