//! The package's registrations, as stored by Windows.

use oncue_types::{Changes, Guid, RegisterMode, RegisterResult, TaskSpec};
use oncue_wire::Word;
use windows::ApplicationModel::Background::{
    self as theirs, BackgroundTaskBuilder, IBackgroundTaskRegistration, IBackgroundTaskRegistration2,
    IBackgroundTaskRegistration3, SystemCondition, SystemConditionType,
};
use windows_core::{GUID, HSTRING, Interface};

use super::apartment::within;
use super::failures::Failures;
use super::host::{given_by, guid};
use super::identity;
use super::meaning::Call;
use super::request::{self, Request, Time};
use crate::error::Error;
use crate::group::BackgroundTaskRegistrationGroup;
use crate::registration::BackgroundTaskRegistration;
use crate::trigger::Trigger;

/// Registers a task, or refuses before Windows is called.
pub(crate) fn register(
    task: TaskSpec,
    mode: RegisterMode,
) -> Result<(BackgroundTaskRegistration, RegisterResult), Error> {
    let request = request::of(task)?;
    within(move || ask(&request, mode))?
}

fn ask(request: &Request, mode: RegisterMode) -> Result<(BackgroundTaskRegistration, RegisterResult), Error> {
    let same = if mode == RegisterMode::Always { None } else { same(request)? };
    if let (RegisterMode::Keep, Some(task)) = (mode, &same) {
        let task = described(task).map_err(given_by(Call::AllTasks))?;
        return Ok((task, RegisterResult::Kept));
    }
    // Unless access has been requested, Windows does not let a TimeTrigger fire. The user may deny
    // it and change that later, so a denial does not prevent the registration.
    identity::request_access()?;
    let task = build(request).map_err(given_by(Call::Register))?;
    let Some(same) = same else { return Ok((task, RegisterResult::New)) };
    // This comes last: if Windows refuses the new task, the old one still exists.
    same.Unregister(false).map_err(given_by(Call::Unregister))?;
    Ok((task, RegisterResult::Replaced(Changes::all())))
}

fn build(request: &Request) -> windows_core::Result<BackgroundTaskRegistration> {
    let builder = BackgroundTaskBuilder::new()?;
    builder.SetName(&HSTRING::from(&request.name))?;
    builder.SetTaskEntryPointClsid(GUID::from_u128(request.class.to_u128()))?;
    if let Some(group) = &request.group {
        let (id, name) = (HSTRING::from(group.id()), HSTRING::from(group.name()));
        builder.SetTaskGroup(&theirs::BackgroundTaskRegistrationGroup::CreateWithName(&id, &name)?)?;
    }
    let Time { minutes, one_shot } = request.trigger;
    builder.SetTrigger(&theirs::TimeTrigger::Create(minutes, one_shot)?)?;
    for condition in &request.conditions {
        builder.AddCondition(&SystemCondition::Create(SystemConditionType(*condition as i32))?)?;
    }
    if request.cancel_on_condition_loss {
        builder.SetCancelOnConditionLoss(true)?;
    }
    let task = builder.Register()?;
    let trigger = Trigger::new(oncue_types::Trigger::Time { minutes, one_shot }.into());
    let (id, name, group) = (guid(task.TaskId()?), request.name.clone(), request.group.clone());
    Ok(BackgroundTaskRegistration::new(id, name, trigger, group))
}

pub(crate) fn all_tasks() -> Result<Vec<BackgroundTaskRegistration>, Error> {
    let tasks = all().map_err(given_by(Call::AllTasks))?;
    let tasks = tasks.iter().map(described).collect::<windows_core::Result<_>>();
    tasks.map_err(given_by(Call::AllTasks))
}

pub(crate) fn unregister(id: Guid, cancel: bool) -> Result<(), Error> {
    find(id)?.Unregister(cancel).map_err(given_by(Call::Unregister))?;
    // If the note cannot be removed, a few bytes remain that nobody reads.
    let _ = identity::local_folder().map(|folder| Failures::below(&folder).forget(id));
    Ok(())
}

/// Finds the task with this id among those of the package.
pub(crate) fn find(id: Guid) -> Result<IBackgroundTaskRegistration, Error> {
    let wanted = GUID::from_u128(id.to_u128());
    for task in all().map_err(given_by(Call::AllTasks))? {
        if task.TaskId().map_err(given_by(Call::AllTasks))? == wanted {
            return Ok(task);
        }
    }
    Err(Error::unknown_task(&id.to_string()))
}

/// Finds the task with this name in the same group, or outside of all groups.
fn same(request: &Request) -> Result<Option<IBackgroundTaskRegistration>, Error> {
    let group = request.group.as_ref().map(BackgroundTaskRegistrationGroup::id);
    for task in all().map_err(given_by(Call::AllTasks))? {
        let same_group = group_of(&task).as_ref().map(BackgroundTaskRegistrationGroup::id) == group;
        if same_group && task.Name().map_err(given_by(Call::AllTasks))? == request.name.as_str() {
            return Ok(Some(task));
        }
    }
    Ok(None)
}

/// The tasks outside of groups, then those of each group.
fn all() -> windows_core::Result<Vec<IBackgroundTaskRegistration>> {
    let mut tasks = Vec::new();
    for pair in theirs::BackgroundTaskRegistration::AllTasks()? {
        tasks.push(pair.Value()?);
    }
    for group in theirs::BackgroundTaskRegistration::AllTaskGroups()? {
        // According to the documentation, a group without tasks has no list.
        let Ok(of_group) = group.Value()?.AllTasks() else { continue };
        for pair in of_group {
            tasks.push(pair.Value()?.cast()?);
        }
    }
    Ok(tasks)
}

/// Converts a registration.
pub(crate) fn described(
    task: &IBackgroundTaskRegistration,
) -> windows_core::Result<BackgroundTaskRegistration> {
    let (id, name) = (guid(task.TaskId()?), task.Name()?.to_string_lossy());
    Ok(BackgroundTaskRegistration::new(id, name, trigger_of(task), group_of(task)))
}

/// Returns the task's trigger, if Windows shows it.
fn trigger_of(task: &IBackgroundTaskRegistration) -> Trigger {
    let shown = || {
        let trigger = task.cast::<IBackgroundTaskRegistration2>()?.Trigger()?;
        let trigger = trigger.cast::<theirs::TimeTrigger>()?;
        let (minutes, one_shot) = (trigger.FreshnessTime()?, trigger.OneShot()?);
        windows_core::Result::Ok(Trigger::new(oncue_types::Trigger::Time { minutes, one_shot }.into()))
    };
    shown().unwrap_or_else(|_| Trigger::new(Word::default()))
}

/// Returns the task's group, or `None` if it is not in a group.
fn group_of(task: &IBackgroundTaskRegistration) -> Option<BackgroundTaskRegistrationGroup> {
    let group = task.cast::<IBackgroundTaskRegistration3>().ok()?.TaskGroup().ok()?;
    let (id, name) = (group.Id().ok()?, group.Name().ok()?);
    Some(BackgroundTaskRegistrationGroup::with_name(id.to_string_lossy(), name.to_string_lossy()))
}
