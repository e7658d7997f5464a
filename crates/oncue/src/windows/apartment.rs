//! The multithreaded apartment: every call to Windows is made on one of its threads, so that an app
//! may call the SDK from whichever apartment its own threads belong to.
#![expect(unsafe_code, reason = "COM")]

use std::ops::Deref;
use std::sync::OnceLock;
use std::sync::mpsc::sync_channel;

use windows::Win32::System::Com::CoIncrementMTAUsage;

use super::fault::Fault;
use super::host::given_by;
use super::meaning::Call;
use crate::{Error, worker};

/// What Windows says when there is no memory, and here when there is no thread.
const OUT_OF_MEMORY: u32 = 0x8007_000e;

/// Does `work` on a thread of the multithreaded apartment, and waits for it.
pub(crate) fn within<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    open()?;
    let (sender, answer) = sync_channel(1);
    worker::run(move || {
        // Nobody waits any more when the program is about to end.
        let _ = sender.send(work());
    });
    answer.recv().map_err(|_| Error::fault(Fault::new(Call::Thread, OUT_OF_MEMORY, "")))
}

/// Opens the apartment and keeps it for as long as the process lives: a thread that initialises no
/// apartment of its own, as the worker threads, then belongs to it.
fn open() -> Result<(), Error> {
    static OPEN: OnceLock<()> = OnceLock::new();
    if OPEN.get().is_none() {
        // SAFETY: it takes no argument and may be called from every thread; a second usage, should
        // two threads come first, does no harm.
        unsafe { CoIncrementMTAUsage() }.map_err(given_by(Call::Thread))?;
        let _ = OPEN.set(());
    }
    Ok(())
}

/// An object of the multithreaded apartment, handed around among its threads.
#[derive(Debug)]
pub(crate) struct InMta<T>(T);

impl<T: windows_core::Interface> InMta<T> {
    /// Takes an object that a thread of the multithreaded apartment holds.
    ///
    /// # Safety
    /// The calling thread belongs to that apartment, and so does every thread that uses or drops the
    /// object.
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

// SAFETY: COM lets every thread of the multithreaded apartment use an interface pointer that one of
// them holds, and `new` promises that no other thread does.
unsafe impl<T: windows_core::Interface> Send for InMta<T> {}
// SAFETY: as above; objects and proxies of that apartment are called by several threads at once.
unsafe impl<T: windows_core::Interface> Sync for InMta<T> {}
