//! A task object: one run, called by Windows.
#![expect(unsafe_code, reason = "COM")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::SystemTime;

use oncue_types::{CancellationReason as BackgroundTaskCancellationReason, Guid};
use oncue_wire::Word;
use windows::ApplicationModel::Background::{
    BackgroundTaskCanceledEventHandler, IBackgroundTask, IBackgroundTask_Impl, IBackgroundTaskInstance,
};
use windows_core::{Interface, Ref, implement};

use super::apartment::InMta;
use super::host::guid;
use super::presence::Presence;
use super::registry;
use super::report::Following;
use crate::class::ClassFactory;
use crate::details::TriggerDetails;
use crate::instance::BackgroundTaskInstance;
use crate::registration::BackgroundTaskRegistration;
use crate::run::Run;
use crate::trigger::Trigger;
use crate::{task, worker};

/// A task object. It is agile, so that COM can call it from any thread.
#[implement(IBackgroundTask)]
pub(crate) struct Activation {
    factory: Arc<dyn ClassFactory>,
    _presence: Presence,
}

impl Activation {
    pub(crate) fn of(factory: Arc<dyn ClassFactory>) -> Self {
        Self { factory, _presence: Presence::new() }
    }
}

impl IBackgroundTask_Impl for Activation_Impl {
    /// Returns when the app's `run` has returned. Deferrals of the app keep Windows' own deferral
    /// open.
    ///
    /// A failed run does not return an error: Windows would consider it temporary and start the
    /// task again and again. An error here means that calls to Windows failed.
    fn Run(&self, instance: Ref<'_, IBackgroundTaskInstance>) -> windows_core::Result<()> {
        let run = begin(instance.ok()?)?;
        let instance = BackgroundTaskInstance::new(Arc::clone(&run));
        // A panic must not unwind through the vtable.
        let work = || self.factory.create_instance()?.run(&instance);
        let error = match catch_unwind(AssertUnwindSafe(work)) {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(task::error_text(&error)),
            Err(panic) => Some(worker::panic_text(&*panic)),
        };
        run.part_ended(error);
        Ok(())
    }
}

/// Takes Windows' deferral, and listens for cancellation.
fn begin(instance: &IBackgroundTaskInstance) -> windows_core::Result<Arc<Run>> {
    let id = guid(instance.InstanceId()?);
    let task = task_of(instance);
    // According to the documentation, a time trigger has no details; other triggers are not
    // supported here.
    let details = TriggerDetails {
        trigger: task.trigger().clone(),
        fired_at: SystemTime::now(),
        firings: 1,
        items: Vec::new(),
        left_out: 0,
    };
    let deferral = instance.GetDeferral()?;
    // SAFETY: COM calls `Run` on a thread of the multithreaded apartment, where the class object
    // was registered; `Following` uses and drops the instance only on such threads.
    let held = unsafe { InMta::new(instance.clone()) };
    let following = Following::new(held, deferral);
    let run = Arc::new(Run::new(id, task, details, Box::new(following.report())));
    let cancelled = Arc::downgrade(&run);
    let token = instance.Canceled(&BackgroundTaskCanceledEventHandler::new(move |_, reason| {
        if let Some(run) = cancelled.upgrade() {
            run.cancel(BackgroundTaskCancellationReason::given(reason.0.cast_unsigned()));
        }
        Ok(())
    }))?;
    following.listens(token);
    Ok(run)
}

/// Returns the task; without id and name if Windows no longer knows it.
fn task_of(instance: &IBackgroundTaskInstance) -> BackgroundTaskRegistration {
    let read = || {
        let task = instance.Task()?;
        registry::described(&task.cast()?)
    };
    read().unwrap_or_else(|_| {
        BackgroundTaskRegistration::new(Guid::default(), String::new(), Trigger::new(Word::default()), None)
    })
}
