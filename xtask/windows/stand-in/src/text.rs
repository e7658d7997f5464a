//! HSTRINGs as arguments and results.

use std::ffi::c_void;
use std::mem::{ManuallyDrop, transmute};

use windows_core::{HSTRING, Result};

use crate::place::give;
use windows_core::HRESULT;

/// An HSTRING as a method's argument or result.
pub(crate) type Raw = *mut c_void;

/// Reads an argument.
///
/// # Safety
/// `text` is an HSTRING that the caller keeps.
pub(crate) unsafe fn read(text: Raw) -> String {
    // SAFETY: an `HSTRING` is one such pointer; it is not dropped, for it is the caller's.
    let text: ManuallyDrop<HSTRING> = unsafe { transmute(text) };
    text.to_string_lossy()
}

/// Returns a result.
///
/// # Safety
/// As for [`give`].
pub(crate) unsafe fn hand_over(to: *mut Raw, text: Result<HSTRING>) -> HRESULT {
    // SAFETY: an `HSTRING` is one such pointer, and is handed over as it is; the rest as promised.
    unsafe { give(to.cast::<HSTRING>(), text) }
}
