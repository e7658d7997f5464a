//! Finds other processes by the name of their program, and waits for them.

use std::io;
use std::time::Duration;

use windows::Win32::Foundation::{CloseHandle, HANDLE, WAIT_OBJECT_0};
use windows::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, PROCESSENTRY32W, Process32FirstW, Process32NextW, TH32CS_SNAPPROCESS,
};
use windows::Win32::System::Threading::{OpenProcess, PROCESS_SYNCHRONIZE, WaitForSingleObject};

/// A process, held so that its id is not reused.
#[derive(Debug)]
pub struct Process {
    /// Its id.
    pub id: u32,
    handle: HANDLE,
}

impl Process {
    fn open(id: u32) -> io::Result<Self> {
        // SAFETY: no pointers are handed in; the handle is closed in `drop`.
        let handle = unsafe { OpenProcess(PROCESS_SYNCHRONIZE, false, id)? };
        Ok(Self { id, handle })
    }

    /// Waits for its end, and returns whether it ended within that time.
    #[must_use]
    pub fn has_ended(&self, within: Duration) -> bool {
        let within = u32::try_from(within.as_millis()).unwrap_or(u32::MAX);
        // SAFETY: the handle is open as long as `self` lives.
        unsafe { WaitForSingleObject(self.handle, within) == WAIT_OBJECT_0 }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SAFETY: the handle is `self`'s own and not used again. Nothing can be done about failure.
        let _ = unsafe { CloseHandle(self.handle) };
    }
}

/// Returns the processes of a program, by its file name.
///
/// # Errors
/// Returns an error if the system cannot list them.
pub fn processes(program: &str) -> io::Result<Vec<Process>> {
    // SAFETY: no pointers are handed in; the handle is closed below.
    let snapshot = unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0)? };
    let ids = ids(snapshot, program);
    // SAFETY: the handle is this function's own and not used again.
    unsafe { CloseHandle(snapshot)? };
    // A process that cannot be opened has ended in the meantime.
    Ok(ids.into_iter().filter_map(|id| Process::open(id).ok()).collect())
}

fn ids(snapshot: HANDLE, program: &str) -> Vec<u32> {
    let size = u32::try_from(size_of::<PROCESSENTRY32W>()).unwrap_or_default();
    let mut entry = PROCESSENTRY32W { dwSize: size, ..PROCESSENTRY32W::default() };
    let mut found = Vec::new();
    // SAFETY: the snapshot is open, and `entry` is of the size that it says.
    let mut more = unsafe { Process32FirstW(snapshot, &raw mut entry) };
    while more.is_ok() {
        let end = entry.szExeFile.iter().position(|unit| *unit == 0).unwrap_or(entry.szExeFile.len());
        if String::from_utf16_lossy(&entry.szExeFile[..end]).eq_ignore_ascii_case(program) {
            found.push(entry.th32ProcessID);
        }
        // SAFETY: as above.
        more = unsafe { Process32NextW(snapshot, &raw mut entry) };
    }
    found
}
