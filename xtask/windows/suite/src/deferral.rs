//! The deferral that the tests return in place of Windows.

use std::ffi::c_void;
use std::sync::mpsc::Sender;

use windows::ApplicationModel::Background::BackgroundTaskDeferral;
use windows::Win32::Foundation::{E_NOTIMPL, S_OK};
use windows::core::{GUID, HRESULT, IUnknown, IUnknown_Vtbl, Interface as _, implement, interface};

use crate::instance::Heard;

/// `IBackgroundTaskDeferral`, which only Windows may implement: the `windows` crate has no trait
/// for it. The first three methods are `IInspectable`'s.
#[interface("93cc156d-af27-4dd3-846e-24ee40cadd25")]
unsafe trait IDeferral: IUnknown {
    unsafe fn GetIids(&self, count: *mut u32, ids: *mut *mut GUID) -> HRESULT;
    unsafe fn GetRuntimeClassName(&self, name: *mut *mut c_void) -> HRESULT;
    unsafe fn GetTrustLevel(&self, level: *mut i32) -> HRESULT;
    unsafe fn Complete(&self) -> HRESULT;
}

#[implement(IDeferral)]
struct Deferral {
    number: u32,
    heard: Sender<Heard>,
}

impl IDeferral_Impl for Deferral_Impl {
    unsafe fn GetIids(&self, _: *mut u32, _: *mut *mut GUID) -> HRESULT {
        E_NOTIMPL
    }

    unsafe fn GetRuntimeClassName(&self, _: *mut *mut c_void) -> HRESULT {
        E_NOTIMPL
    }

    unsafe fn GetTrustLevel(&self, _: *mut i32) -> HRESULT {
        E_NOTIMPL
    }

    unsafe fn Complete(&self) -> HRESULT {
        // A test that has ended ignores this.
        let _ = self.heard.send(Heard::Completed(self.number));
        S_OK
    }
}

/// Creates the deferral with a number, which reports when it is completed.
pub(crate) fn deferral(number: u32, heard: Sender<Heard>) -> BackgroundTaskDeferral {
    let made: IDeferral = Deferral { number, heard }.into();
    // SAFETY: a `BackgroundTaskDeferral` is a pointer to `IBackgroundTaskDeferral`, whose id and
    // methods `IDeferral` has; the pointer is handed over with its count.
    unsafe { BackgroundTaskDeferral::from_raw(made.into_raw()) }
}
