//! Gets a task of a class from its server, like Windows' broker.

use std::marker::PhantomData;

use windows::ApplicationModel::Background::IBackgroundTask;
use windows::Win32::System::Com::{CLSCTX_LOCAL_SERVER, CoCreateInstance};
use windows::Win32::System::WinRT::{RO_INIT_MULTITHREADED, RoInitialize, RoUninitialize};
use windows::core::{GUID, IUnknown, Interface as _, Result};

/// This thread's stay in the multithreaded apartment.
#[derive(Debug)]
pub struct Apartment {
    /// A thread that enters must also leave.
    _of_one_thread: PhantomData<*const ()>,
}

impl Apartment {
    /// Enters.
    ///
    /// # Errors
    /// Returns an error if the thread is in another kind of apartment.
    pub fn enter() -> Result<Self> {
        // SAFETY: any thread may call it; `drop` balances it on the same thread.
        unsafe { RoInitialize(RO_INIT_MULTITHREADED)? };
        Ok(Self { _of_one_thread: PhantomData })
    }
}

impl Drop for Apartment {
    fn drop(&mut self) {
        // SAFETY: it balances the one `RoInitialize` of `enter`.
        unsafe { RoUninitialize() };
    }
}

/// Gets a task of a class from a server in a separate process, which COM starts if none is running.
///
/// As Windows seems to do it: the object is created as `IUnknown` and then asked for the interface.
///
/// # Errors
/// The error from COM: the class is not registered, or its server did not start.
pub fn activate(class: GUID) -> Result<IBackgroundTask> {
    // SAFETY: the thread is in an apartment, or COM refuses; the class id lives through the call.
    let object: IUnknown = unsafe { CoCreateInstance(&class, None, CLSCTX_LOCAL_SERVER)? };
    object.cast()
}
