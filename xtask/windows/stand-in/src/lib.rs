//! A stand-in for the runtime classes of Windows that the SDK uses: it records every call.
//!
//! Wine has none of these classes. This library replaces them under their real names, only in the
//! tests of `cargo xtask test-windows`. It makes no decisions and fires nothing: it proves that the
//! SDK makes the calls that Microsoft's documentation describes, not what Windows does then.
//!
//! In the folder named by `ONCUE_STAND_IN`, it keeps `calls.txt`, with one call per line, and
//! `tasks.txt`, the registrations. If the folder contains a file `no-identity`, it behaves as for a
//! process without package identity, and `refusal.txt` contains the HRESULT with which `Register`
//! fails.

#![cfg(windows)]
#![expect(unsafe_code, reason = "Windows' interfaces are implemented, and a library is exported")]
#![expect(non_snake_case, reason = "methods are called as Windows calls them")]

mod access;
mod builder;
mod factory;
mod group;
mod inspectable;
mod notes;
mod package;
mod place;
mod registration;
mod tasks;
mod text;
mod trigger;
mod view;

use std::ffi::c_void;

use windows::Win32::Foundation::{CLASS_E_CLASSNOTAVAILABLE, E_POINTER, S_FALSE, S_OK};
use windows_core::{HRESULT, HSTRING, Interface as _, Ref};

/// Returns the factory of a class to Wine, like every library of runtime classes.
///
/// # Safety
/// `factory` is null, or a place for one pointer.
#[unsafe(no_mangle)]
unsafe extern "system" fn DllGetActivationFactory(
    class: Ref<'_, HSTRING>,
    factory: *mut *mut c_void,
) -> HRESULT {
    if factory.is_null() {
        return E_POINTER;
    }
    match factory::of(&class.to_string_lossy()) {
        Some(made) => {
            // SAFETY: it is not null, and the caller's to write to.
            unsafe { factory.write(made.into_raw()) };
            S_OK
        }
        None => CLASS_E_CLASSNOTAVAILABLE,
    }
}

/// Reports that the library stays loaded, because its objects are not counted.
#[unsafe(no_mangle)]
extern "system" fn DllCanUnloadNow() -> HRESULT {
    S_FALSE
}
