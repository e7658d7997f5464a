//! The listeners for progress and ends of runs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::SystemTime;

use oncue_types::{Guid, Outcome};
use windows::ApplicationModel::Background::{
    self as theirs, BackgroundTaskCompletedEventHandler, BackgroundTaskProgressEventHandler,
};
use windows_core::{Interface, Ref};

use super::failures::Failures;
use super::host::{given_by, guid};
use super::meaning::Call;
use super::{identity, registry};
use crate::error::Error;
use crate::event::Handler;
use crate::event::{
    BackgroundTaskCompletedEventArgs, BackgroundTaskProgressEventArgs, EventRegistrationToken,
};
use crate::lock::lock;
use crate::past_run::PastRun;
use crate::registration::BackgroundTaskRegistration;

/// The listeners of this process. Windows calls them for as long as the object is held.
static LISTENING: Mutex<Listening> = Mutex::new(Listening { attached: Vec::new(), last_token: 0 });

struct Listening {
    attached: Vec<Attached>,
    last_token: u64,
}

struct Attached {
    token: EventRegistrationToken,
    task: Guid,
    source: theirs::BackgroundTaskRegistration,
    event: Event,
}

/// An event, with Windows' own token.
enum Event {
    Progress(i64),
    Completed(i64),
}

/// Attaches a handler to a task.
pub(crate) fn attach(
    task: &BackgroundTaskRegistration,
    handler: Handler,
) -> Result<EventRegistrationToken, Error> {
    let source = registry::find(task.task_id())?;
    let source = source.cast::<theirs::BackgroundTaskRegistration>().map_err(given_by(Call::Listen))?;
    let event = subscribe(&source, task, handler).map_err(given_by(Call::Listen))?;
    let mut listening = lock(&LISTENING);
    listening.last_token += 1;
    let token = EventRegistrationToken(listening.last_token);
    listening.attached.push(Attached { token, task: task.task_id(), source, event });
    Ok(token)
}

/// Removes a handler of a task; returns false if it no longer exists.
pub(crate) fn detach(task: Guid, token: EventRegistrationToken) -> bool {
    let attached = {
        let mut listening = lock(&LISTENING);
        let known = |attached: &Attached| attached.token == token && attached.task == task;
        let at = listening.attached.iter().position(known);
        at.map(|at| listening.attached.swap_remove(at))
    };
    let Some(Attached { source, event, .. }) = attached else { return false };
    // Windows forgets the handlers of a task that is no longer registered.
    let _ = match event {
        Event::Progress(cookie) => source.RemoveProgress(cookie),
        Event::Completed(cookie) => source.RemoveCompleted(cookie),
    };
    true
}

fn subscribe(
    source: &theirs::BackgroundTaskRegistration,
    task: &BackgroundTaskRegistration,
    handler: Handler,
) -> windows_core::Result<Event> {
    let task = task.clone();
    match handler {
        Handler::Progress(handler) => {
            let told = move |_: Ref<'_, _>, args: Ref<'_, theirs::BackgroundTaskProgressEventArgs>| {
                let args = args.ok()?;
                let args = BackgroundTaskProgressEventArgs::new(guid(args.InstanceId()?), args.Progress()?);
                guarded(|| handler(&task, &args));
                Ok(())
            };
            source.Progress(&BackgroundTaskProgressEventHandler::new(told)).map(Event::Progress)
        }
        Handler::Completed(handler) => {
            let told = move |_: Ref<'_, _>, args: Ref<'_, theirs::BackgroundTaskCompletedEventArgs>| {
                let args = ended(&task, args.ok()?)?;
                guarded(|| handler(&task, &args));
                Ok(())
            };
            source.Completed(&BackgroundTaskCompletedEventHandler::new(told)).map(Event::Completed)
        }
    }
}

/// A handler's panic must not unwind into Windows.
fn guarded(handler: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(handler));
}

/// Returns the end of a run. The task's own error is in the note left by its server. Windows
/// reports no times, so the time of the event is used.
fn ended(
    task: &BackgroundTaskRegistration,
    args: &theirs::BackgroundTaskCompletedEventArgs,
) -> windows_core::Result<BackgroundTaskCompletedEventArgs> {
    let instance = guid(args.InstanceId()?);
    let noted = identity::local_folder()
        .ok()
        .and_then(|folder| Failures::below(&folder).of(task.task_id(), instance));
    let (outcome, message) = match (args.CheckResult(), noted) {
        (_, Some(error)) => (Outcome::Failed, Some(error)),
        (Ok(()), None) => (Outcome::Completed, None),
        (Err(error), None) => {
            (Outcome::Failed, Some(format!("{} (0x{:08x})", error.message(), error.code().0)))
        }
    };
    let now = SystemTime::now();
    Ok(BackgroundTaskCompletedEventArgs::new(PastRun {
        instance_id: instance,
        task_id: task.task_id(),
        name: task.name().to_owned(),
        fired_at: now,
        started_at: None,
        ended_at: now,
        outcome: outcome.into(),
        reason: None,
        progress: None,
        firings: 1,
        exit_status: None,
        message,
    }))
}
