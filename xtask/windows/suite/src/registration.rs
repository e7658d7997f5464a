//! The registration of an instance, which the tests return in place of Windows.

use windows::ApplicationModel::Background::{
    BackgroundTaskCompletedEventHandler, BackgroundTaskProgressEventHandler, BackgroundTaskRegistration,
    IBackgroundTaskRegistration, IBackgroundTaskRegistration_Impl, IBackgroundTaskRegistration2,
    IBackgroundTaskRegistration2_Impl, IBackgroundTrigger, TimeTrigger,
};
use windows::Win32::Foundation::E_NOTIMPL;
use windows::core::{GUID, HSTRING, Interface as _, Ref, Result, implement};

#[implement(IBackgroundTaskRegistration, IBackgroundTaskRegistration2)]
struct Registration {
    id: GUID,
    name: HSTRING,
}

/// A server only asks for the task's name and trigger.
impl IBackgroundTaskRegistration_Impl for Registration_Impl {
    fn TaskId(&self) -> Result<GUID> {
        Ok(self.id)
    }

    fn Name(&self) -> Result<HSTRING> {
        Ok(self.name.clone())
    }

    fn Progress(&self, _: Ref<'_, BackgroundTaskProgressEventHandler>) -> Result<i64> {
        Err(E_NOTIMPL.into())
    }

    fn RemoveProgress(&self, _: i64) -> Result<()> {
        Err(E_NOTIMPL.into())
    }

    fn Completed(&self, _: Ref<'_, BackgroundTaskCompletedEventHandler>) -> Result<i64> {
        Err(E_NOTIMPL.into())
    }

    fn RemoveCompleted(&self, _: i64) -> Result<()> {
        Err(E_NOTIMPL.into())
    }

    fn Unregister(&self, _: bool) -> Result<()> {
        Err(E_NOTIMPL.into())
    }
}

impl IBackgroundTaskRegistration2_Impl for Registration_Impl {
    /// Every task of the tests fires every quarter of an hour.
    fn Trigger(&self) -> Result<IBackgroundTrigger> {
        TimeTrigger::Create(15, false)?.cast()
    }
}

/// Creates a registration with an id and a name.
pub(crate) fn registration(id: GUID, name: &str) -> BackgroundTaskRegistration {
    let made: IBackgroundTaskRegistration = Registration { id, name: name.into() }.into();
    // SAFETY: a `BackgroundTaskRegistration` is a pointer to `IBackgroundTaskRegistration`, its
    // default interface; the pointer is handed over with its count.
    unsafe { BackgroundTaskRegistration::from_raw(made.into_raw()) }
}
