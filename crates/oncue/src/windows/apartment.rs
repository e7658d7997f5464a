//! The multithreaded apartment. Every call to Windows is made on one of its threads, so that an app
//! can call the SDK from any apartment.
#![expect(unsafe_code, reason = "COM")]

use std::ops::Deref;
use std::sync::OnceLock;
use std::sync::mpsc::sync_channel;

use windows::Win32::System::Com::CoIncrementMTAUsage;

use super::fault::Fault;
use super::host::given_by;
use super::meaning::Call;
use crate::error::Error;
use crate::worker;

/// The error of Windows if there is no memory; used here if no thread can be started.
const OUT_OF_MEMORY: u32 = 0x8007_000e;

/// Calls `work` on a thread of the multithreaded apartment, and waits for it.
pub(crate) fn within<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    open()?;
    let (sender, answer) = sync_channel(1);
    worker::run(move || {
        // If nobody is waiting any more, the program is about to end.
        let _ = sender.send(work());
    });
    answer.recv().map_err(|_| Error::fault(Fault::new(Call::Thread, OUT_OF_MEMORY, "")))
}

/// Enters the apartment and keeps it for as long as the process lives. Threads that do not
/// initialise an apartment, such as the worker threads, then belong to it.
fn open() -> Result<(), Error> {
    static OPEN: OnceLock<()> = OnceLock::new();
    if OPEN.get().is_none() {
        // SAFETY: it takes no argument and can be called from any thread; if two threads call it at
        // the same time, the second usage does no harm.
        unsafe { CoIncrementMTAUsage() }.map_err(given_by(Call::Thread))?;
        let _ = OPEN.set(());
    }
    Ok(())
}

/// An object of the multithreaded apartment, passed among its threads.
#[derive(Debug)]
pub(crate) struct InMta<T>(T);

impl<T: windows_core::Interface> InMta<T> {
    /// Wraps an object held by a thread of the multithreaded apartment.
    ///
    /// # Safety
    /// The calling thread must belong to this apartment, and so must every thread that uses or
    /// drops the object.
    pub(crate) unsafe fn new(object: T) -> Self {
        Self(object)
    }
}

impl<T> Deref for InMta<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

// SAFETY: COM permits every thread of the multithreaded apartment to use an interface pointer held
// by one of them, and the contract of `new` excludes all other threads.
unsafe impl<T: windows_core::Interface> Send for InMta<T> {}
// SAFETY: as above; objects and proxies of this apartment can be called by several threads at once.
unsafe impl<T: windows_core::Interface> Sync for InMta<T> {}
