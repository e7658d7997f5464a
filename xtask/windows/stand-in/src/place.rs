//! The folder of the stand-in, and returning results to callers.

use std::env;
use std::path::PathBuf;

use windows::Win32::Foundation::{E_POINTER, S_OK};
use windows_core::{HRESULT, Result};

/// Returns a file or folder of the stand-in.
///
/// # Panics
/// Panics if no folder is named: then this is not a test, and nothing may be made up.
pub(crate) fn place(name: &str) -> PathBuf {
    let folder = env::var_os("ONCUE_STAND_IN");
    PathBuf::from(folder.expect("ONCUE_STAND_IN names the folder of the stand-in")).join(name)
}

/// Writes a result to the caller's place.
///
/// # Safety
/// `to` is null, or a place for one `T` that the caller owns.
pub(crate) unsafe fn give<T>(to: *mut T, result: Result<T>) -> HRESULT {
    match result {
        _ if to.is_null() => E_POINTER,
        Ok(value) => {
            // SAFETY: it is not null, and the caller's to write to.
            unsafe { to.write(value) };
            S_OK
        }
        Err(error) => error.code(),
    }
}
