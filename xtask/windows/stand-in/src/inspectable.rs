//! Interfaces that only Windows may implement, so the `windows` crate has no traits for them.
//!
//! They are declared here again, with Windows' ids and order of methods. `interface` cannot derive
//! from `IInspectable`, so its three methods come first in each.

/// Declares such an interface; every method returns an `HRESULT`.
macro_rules! exclusive {
    ($id:literal $name:ident { $(fn $method:ident($($argument:ident: $type:ty),*);)* }) => {
        #[windows_core::interface($id)]
        unsafe trait $name: windows_core::IUnknown {
            unsafe fn GetIids(&self, count: *mut u32, ids: *mut *mut windows_core::GUID) -> windows_core::HRESULT;
            unsafe fn GetRuntimeClassName(&self, name: *mut *mut std::ffi::c_void) -> windows_core::HRESULT;
            unsafe fn GetTrustLevel(&self, level: *mut i32) -> windows_core::HRESULT;
            $(unsafe fn $method(&self, $($argument: $type),*) -> windows_core::HRESULT;)*
        }
    };
}

/// Implements methods that nobody calls: the first three, and the named ones.
macro_rules! unasked {
    ($($method:ident)*) => {
        unsafe fn GetIids(&self, _: *mut u32, _: *mut *mut windows_core::GUID) -> windows_core::HRESULT {
            windows::Win32::Foundation::E_NOTIMPL
        }
        unsafe fn GetRuntimeClassName(&self, _: *mut *mut std::ffi::c_void) -> windows_core::HRESULT {
            windows::Win32::Foundation::E_NOTIMPL
        }
        unsafe fn GetTrustLevel(&self, _: *mut i32) -> windows_core::HRESULT {
            windows::Win32::Foundation::E_NOTIMPL
        }
        $(unsafe fn $method(&self) -> windows_core::HRESULT {
            windows::Win32::Foundation::E_NOTIMPL
        })*
    };
}

pub(crate) use {exclusive, unasked};
