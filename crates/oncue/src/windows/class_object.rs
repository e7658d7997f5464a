//! A class object, from which COM requests a task for each run.
#![expect(unsafe_code, reason = "COM")]

use std::ffi::c_void;
use std::sync::Arc;

use windows::ApplicationModel::Background::IBackgroundTask;
use windows::Win32::Foundation::{CLASS_E_NOAGGREGATION, E_POINTER};
use windows::Win32::System::Com::{IClassFactory, IClassFactory_Impl};
use windows_core::{BOOL, GUID, IUnknown, Interface, Ref, implement};

use super::activation::Activation;
use super::presence;
use crate::class::ClassFactory;

/// A class object. It is agile, so that COM can call it from any thread.
#[implement(IClassFactory)]
pub(crate) struct ClassObject {
    factory: Arc<dyn ClassFactory>,
}

impl ClassObject {
    pub(crate) fn of(factory: Arc<dyn ClassFactory>) -> IClassFactory {
        Self { factory }.into()
    }
}

impl IClassFactory_Impl for ClassObject_Impl {
    /// The app's own factory is called when the run begins, so that its error ends the run instead
    /// of telling COM that the server is broken.
    fn CreateInstance(
        &self,
        outer: Ref<'_, IUnknown>,
        interface: *const GUID,
        object: *mut *mut c_void,
    ) -> windows_core::Result<()> {
        if interface.is_null() || object.is_null() {
            return Err(E_POINTER.into());
        }
        if !outer.is_null() {
            // SAFETY: the caller passes a place for one pointer; it is not null.
            unsafe { object.write(std::ptr::null_mut()) };
            return Err(CLASS_E_NOAGGREGATION.into());
        }
        let task: IBackgroundTask = Activation::of(Arc::clone(&self.factory)).into();
        // SAFETY: both are not null, and the caller passes an interface id and a place for one
        // pointer. Windows asks for IUnknown first; others may ask for IBackgroundTask directly.
        unsafe { task.query(interface, object) }.ok()
    }

    fn LockServer(&self, locks: BOOL) -> windows_core::Result<()> {
        presence::lock_server(locks.as_bool());
        Ok(())
    }
}
