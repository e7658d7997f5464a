//! `BackgroundTaskRegistrationGroup`: an id, a name, and the tasks that are registered under it.

use std::ffi::c_void;

use windows::ApplicationModel::Background::{BackgroundTaskRegistration, BackgroundTaskRegistrationGroup};
use windows::Win32::Foundation::E_NOTIMPL;
use windows::Win32::System::WinRT::{IActivationFactory, IActivationFactory_Impl};
use windows_core::{HRESULT, HSTRING, IInspectable, Interface as _, Result, implement};

use crate::inspectable::{exclusive, unasked};
use crate::notes::note;
use crate::place::give;
use crate::registration::registration;
use crate::tasks::{self, Group, Task};
use crate::{text, view};

exclusive!("2ab1919a-871b-4167-8a76-055cd67b5b23" IBackgroundTaskRegistrationGroup {
    fn Id(id: *mut text::Raw);
    fn Name(name: *mut text::Raw);
    fn BackgroundActivated();
    fn RemoveBackgroundActivated();
    fn AllTasks(tasks: *mut *mut c_void);
});

exclusive!("83d92b69-44cf-4631-9740-03c7d8741bc5" IBackgroundTaskRegistrationGroupFactory {
    fn Create();
    fn CreateWithName(id: text::Raw, name: text::Raw, group: *mut *mut c_void);
});

#[implement(IBackgroundTaskRegistrationGroup)]
struct Made(Group);

/// Makes the object of a group.
pub(crate) fn group(group: Group) -> BackgroundTaskRegistrationGroup {
    let made: IBackgroundTaskRegistrationGroup = Made(group).into();
    // SAFETY: a `BackgroundTaskRegistrationGroup` is a pointer to that interface, its default one; the
    // pointer is handed over with its count.
    unsafe { BackgroundTaskRegistrationGroup::from_raw(made.into_raw()) }
}

/// The class that a group's tasks are of, by its default interface.
fn of_class(task: Task) -> BackgroundTaskRegistration {
    // SAFETY: as above, for `BackgroundTaskRegistration` and `IBackgroundTaskRegistration`.
    unsafe { BackgroundTaskRegistration::from_raw(registration(task).into_raw()) }
}

impl IBackgroundTaskRegistrationGroup_Impl for Made_Impl {
    unasked!(BackgroundActivated RemoveBackgroundActivated);

    unsafe fn Id(&self, id: *mut text::Raw) -> HRESULT {
        // SAFETY: the caller wants an HSTRING there.
        unsafe { text::hand_over(id, Ok(HSTRING::from(&self.0.id))) }
    }

    unsafe fn Name(&self, name: *mut text::Raw) -> HRESULT {
        // SAFETY: as above.
        unsafe { text::hand_over(name, Ok(HSTRING::from(&self.0.name))) }
    }

    unsafe fn AllTasks(&self, to: *mut *mut c_void) -> HRESULT {
        let of_group = || {
            let is_in = |task: &Task| task.what.group.as_ref().is_some_and(|group| group.id == self.0.id);
            let tasks = tasks::all()?.into_iter().filter(is_in).collect();
            Ok(view::of(tasks, of_class).into_raw())
        };
        // SAFETY: the caller wants a view of the map there.
        unsafe { give(to, of_group()) }
    }
}

/// The factory of `BackgroundTaskRegistrationGroup`.
#[implement(IActivationFactory, IBackgroundTaskRegistrationGroupFactory)]
pub(crate) struct Groups;

impl IActivationFactory_Impl for Groups_Impl {
    fn ActivateInstance(&self) -> Result<IInspectable> {
        Err(E_NOTIMPL.into())
    }
}

impl IBackgroundTaskRegistrationGroupFactory_Impl for Groups_Impl {
    unasked!(Create);

    unsafe fn CreateWithName(&self, id: text::Raw, name: text::Raw, to: *mut *mut c_void) -> HRESULT {
        // SAFETY: the caller keeps both texts through the call.
        let (id, name) = unsafe { (text::read(id), text::read(name)) };
        let made = || {
            note(&format!("BackgroundTaskRegistrationGroup({id}, {name})"))?;
            Ok(group(Group { id, name }).into_raw())
        };
        // SAFETY: the caller wants a `BackgroundTaskRegistrationGroup` there.
        unsafe { give(to, made()) }
    }
}
