//! `BackgroundTaskRegistration`: a registration, and `AllTasks`.

use std::collections::BTreeMap;
use std::ffi::c_void;

use windows::ApplicationModel::Background::{
    BackgroundTaskCompletedEventHandler, BackgroundTaskProgressEventHandler, BackgroundTaskRegistrationGroup,
    IBackgroundTaskRegistration, IBackgroundTaskRegistration_Impl, IBackgroundTaskRegistration2,
    IBackgroundTaskRegistration2_Impl, IBackgroundTaskRegistration3, IBackgroundTaskRegistration3_Impl,
    IBackgroundTrigger,
};
use windows::Win32::Foundation::{E_BOUNDS, E_NOTIMPL};
use windows::Win32::System::WinRT::{IActivationFactory, IActivationFactory_Impl};
use windows_collections::IMapView;
use windows_core::{Error, GUID, HRESULT, HSTRING, IInspectable, Interface as _, Ref, Result, implement};

use crate::builder::NOT_FOUND;
use crate::inspectable::{exclusive, unasked};
use crate::notes::note;
use crate::package::has_identity;
use crate::place::give;
use crate::tasks::{self, Task};
use crate::{group, trigger, view};

/// The tokens of handlers; the stand-in raises no event, so that one of each kind will do.
const PROGRESS: i64 = 1;
const COMPLETED: i64 = 2;

#[implement(IBackgroundTaskRegistration, IBackgroundTaskRegistration2, IBackgroundTaskRegistration3)]
struct Registration {
    task: Task,
}

/// Makes the object of a registration.
pub(crate) fn registration(task: Task) -> IBackgroundTaskRegistration {
    Registration { task }.into()
}

impl Registration {
    fn note(&self, call: &str) -> Result<()> {
        note(&format!("BackgroundTaskRegistration({}).{call}", self.task.what.name))
    }
}

impl IBackgroundTaskRegistration_Impl for Registration_Impl {
    fn TaskId(&self) -> Result<GUID> {
        Ok(self.task.id)
    }

    fn Name(&self) -> Result<HSTRING> {
        Ok(HSTRING::from(&self.task.what.name))
    }

    fn Progress(&self, handler: Ref<'_, BackgroundTaskProgressEventHandler>) -> Result<i64> {
        handler.ok()?;
        self.note("Progress += handler")?;
        Ok(PROGRESS)
    }

    fn RemoveProgress(&self, token: i64) -> Result<()> {
        if token == PROGRESS { self.note("Progress -= handler") } else { Err(E_BOUNDS.into()) }
    }

    fn Completed(&self, handler: Ref<'_, BackgroundTaskCompletedEventHandler>) -> Result<i64> {
        handler.ok()?;
        self.note("Completed += handler")?;
        Ok(COMPLETED)
    }

    fn RemoveCompleted(&self, token: i64) -> Result<()> {
        if token == COMPLETED { self.note("Completed -= handler") } else { Err(E_BOUNDS.into()) }
    }

    fn Unregister(&self, cancel: bool) -> Result<()> {
        self.note(&format!("Unregister({cancel})"))?;
        tasks::remove(self.task.id)
    }
}

impl IBackgroundTaskRegistration2_Impl for Registration_Impl {
    fn Trigger(&self) -> Result<IBackgroundTrigger> {
        trigger::time(self.task.what.minutes, self.task.what.one_shot)
    }
}

impl IBackgroundTaskRegistration3_Impl for Registration_Impl {
    /// Of a task in no group, a null pointer without an error.
    fn TaskGroup(&self) -> Result<BackgroundTaskRegistrationGroup> {
        self.task.what.group.clone().map(group::group).ok_or_else(Error::empty)
    }
}

exclusive!("4c542f69-b000-42ba-a093-6a563c65e3f8" IBackgroundTaskRegistrationStatics {
    fn AllTasks(tasks: *mut *mut c_void);
});

exclusive!("174b671e-b20d-4fa9-ad9a-e93ad6c71e01" IBackgroundTaskRegistrationStatics2 {
    fn AllTaskGroups(groups: *mut *mut c_void);
    fn GetTaskGroup();
});

/// The factory of `BackgroundTaskRegistration`, which has `AllTasks` and `AllTaskGroups`.
#[implement(IActivationFactory, IBackgroundTaskRegistrationStatics, IBackgroundTaskRegistrationStatics2)]
pub(crate) struct Registrations;

impl IActivationFactory_Impl for Registrations_Impl {
    fn ActivateInstance(&self) -> Result<IInspectable> {
        Err(E_NOTIMPL.into())
    }
}

impl IBackgroundTaskRegistrationStatics_Impl for Registrations_Impl {
    unasked!();

    unsafe fn AllTasks(&self, to: *mut *mut c_void) -> HRESULT {
        let ungrouped = || {
            note("BackgroundTaskRegistration.AllTasks")?;
            if !has_identity() {
                return Err(NOT_FOUND.into());
            }
            let tasks = tasks::all()?.into_iter().filter(|task| task.what.group.is_none()).collect();
            Ok(view::of(tasks, registration).into_raw())
        };
        // SAFETY: the caller wants a view of the map there.
        unsafe { give(to, ungrouped()) }
    }
}

impl IBackgroundTaskRegistrationStatics2_Impl for Registrations_Impl {
    unasked!(GetTaskGroup);

    unsafe fn AllTaskGroups(&self, to: *mut *mut c_void) -> HRESULT {
        let groups = || {
            note("BackgroundTaskRegistration.AllTaskGroups")?;
            if !has_identity() {
                return Err(NOT_FOUND.into());
            }
            let groups = tasks::all()?.into_iter().filter_map(|task| task.what.group);
            let by_id: BTreeMap<HSTRING, Option<BackgroundTaskRegistrationGroup>> =
                groups.map(|of| (HSTRING::from(&of.id), Some(group::group(of)))).collect();
            Ok(IMapView::<HSTRING, BackgroundTaskRegistrationGroup>::from(by_id).into_raw())
        };
        // SAFETY: the caller wants a view of the map there.
        unsafe { give(to, groups()) }
    }
}
