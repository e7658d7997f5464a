//! A stand-in for the runtime classes of Windows that the SDK asks: it writes down every call.
//!
//! Wine has none of these classes. Under their real names this library answers in their place, in
//! the tests of `cargo xtask test-windows` only. It judges nothing and fires nothing: what it proves
//! is that the SDK asks as Microsoft's documentation says, not what Windows does then.
//!
//! In the folder that `ONCUE_STAND_IN` names it keeps `calls.txt`, a line a call, and `tasks.txt`,
//! the registrations. A file `no-identity` there lets it answer as to a process without package
//! identity, and `refusal.txt` says which HRESULT `Register` ends with.

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

/// Gives the factory of a class to Wine, as every library of runtime classes does.
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

/// Says that the library stays loaded: nobody counts its objects.
#[unsafe(no_mangle)]
extern "system" fn DllCanUnloadNow() -> HRESULT {
    S_FALSE
}
