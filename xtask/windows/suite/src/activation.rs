//! Getting a task of a class from its server, as Windows' broker does.

use std::marker::PhantomData;

use windows::ApplicationModel::Background::IBackgroundTask;
use windows::Win32::System::Com::{CLSCTX_LOCAL_SERVER, CoCreateInstance};
use windows::Win32::System::WinRT::{RO_INIT_MULTITHREADED, RoInitialize, RoUninitialize};
use windows::core::{GUID, IUnknown, Interface as _, Result};

/// This thread's stay in the multithreaded apartment.
#[derive(Debug)]
pub struct Apartment {
    /// What enters on one thread must leave on the same.
    _of_one_thread: PhantomData<*const ()>,
}

impl Apartment {
    /// Enters.
    ///
    /// # Errors
    /// When the thread is in another kind of apartment.
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

/// Gets a task of a class from a server of its own process, which COM starts if none is up.
///
/// As Windows seems to do it: the object is made as `IUnknown` and then asked for the interface.
///
/// # Errors
/// What COM says: the class is not registered, or its server did not come up.
pub fn activate(class: GUID) -> Result<IBackgroundTask> {
    // SAFETY: the thread is in an apartment, or COM refuses; the class id lives through the call.
    let object: IUnknown = unsafe { CoCreateInstance(&class, None, CLSCTX_LOCAL_SERVER)? };
    object.cast()
}
