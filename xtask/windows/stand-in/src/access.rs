//! `BackgroundExecutionManager`: returns that tasks are allowed, subject to policy.

use std::ffi::c_void;

use windows::ApplicationModel::Background::BackgroundAccessStatus;
use windows::Win32::Foundation::{E_NOTIMPL, S_OK};
use windows::Win32::System::WinRT::{IActivationFactory, IActivationFactory_Impl};
use windows_core::{HRESULT, IInspectable, Interface as _, Result, implement};
use windows_future::IAsyncOperation;

use crate::inspectable::{exclusive, unasked};
use crate::notes::note;
use crate::place::give;

/// The status on a desktop with default settings.
const STATUS: BackgroundAccessStatus = BackgroundAccessStatus::AllowedSubjectToSystemPolicy;

exclusive!("e826ea58-66a9-4d41-83d4-b4c18c87b846" IBackgroundExecutionManagerStatics {
    fn RequestAccessAsync(operation: *mut *mut c_void);
    fn RequestAccessForApplicationAsync();
    fn RemoveAccess();
    fn RemoveAccessForApplication();
    fn GetAccessStatus(status: *mut BackgroundAccessStatus);
    fn GetAccessStatusForApplication();
});

/// The factory of `BackgroundExecutionManager`, which only has static methods.
#[implement(IActivationFactory, IBackgroundExecutionManagerStatics)]
pub(crate) struct ExecutionManager;

impl IActivationFactory_Impl for ExecutionManager_Impl {
    fn ActivateInstance(&self) -> Result<IInspectable> {
        Err(E_NOTIMPL.into())
    }
}

impl IBackgroundExecutionManagerStatics_Impl for ExecutionManager_Impl {
    unasked!(RequestAccessForApplicationAsync RemoveAccessForApplication GetAccessStatusForApplication);

    unsafe fn RequestAccessAsync(&self, operation: *mut *mut c_void) -> HRESULT {
        let asked = || {
            note("BackgroundExecutionManager.RequestAccessAsync()")?;
            Ok(IAsyncOperation::ready(Ok(STATUS)).into_raw())
        };
        // SAFETY: the caller wants the operation there.
        unsafe { give(operation, asked()) }
    }

    unsafe fn RemoveAccess(&self) -> HRESULT {
        note("BackgroundExecutionManager.RemoveAccess()").map_or_else(|error| error.code(), |()| S_OK)
    }

    unsafe fn GetAccessStatus(&self, status: *mut BackgroundAccessStatus) -> HRESULT {
        let noted = note("BackgroundExecutionManager.GetAccessStatus()").map(|()| STATUS);
        // SAFETY: the caller wants the status there.
        unsafe { give(status, noted) }
    }
}
