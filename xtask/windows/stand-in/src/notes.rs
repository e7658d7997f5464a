//! Records calls, one per line.

use std::fs::OpenOptions;
use std::io::Write as _;

use windows::Win32::Foundation::E_FAIL;
use windows_core::Result;

use crate::place::place;

/// Records a call. If it cannot be recorded, the call fails, because the test would not see it.
pub(crate) fn note(call: &str) -> Result<()> {
    let write = || OpenOptions::new().append(true).create(true).open(place("calls.txt"));
    let written = write().and_then(|mut file| file.write_all(format!("{call}\n").as_bytes()));
    written.map_err(|_| E_FAIL.into())
}
