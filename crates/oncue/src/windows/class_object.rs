//! A class object: what COM asks for a task, once for each run.
#![expect(unsafe_code, reason = "COM")]

use std::ffi::c_void;
use std::sync::Arc;

use windows::ApplicationModel::Background::IBackgroundTask;
use windows::Win32::Foundation::{CLASS_E_NOAGGREGATION, E_POINTER};
use windows::Win32::System::Com::{IClassFactory, IClassFactory_Impl};
use windows_core::{BOOL, GUID, IUnknown, Interface, Ref, implement};

use super::activation::Activation;
use super::presence;
use crate::ClassFactory;

/// A class object; agile, so that COM may call it from every thread.
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
    /// The app's own factory is asked when the run begins: what it says then is that run's end, and
    /// not an answer that COM would take for a broken server.
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
            // SAFETY: the caller gives a place for one pointer; it is not null.
            unsafe { object.write(std::ptr::null_mut()) };
            return Err(CLASS_E_NOAGGREGATION.into());
        }
        let task: IBackgroundTask = Activation::of(Arc::clone(&self.factory)).into();
        // SAFETY: both are not null, and the caller gives an interface's id and a place for one
        // pointer. Windows asks for IUnknown first, others may ask for IBackgroundTask at once.
        unsafe { task.query(interface, object) }.ok()
    }

    fn LockServer(&self, locks: BOOL) -> windows_core::Result<()> {
        presence::lock_server(locks.as_bool());
        Ok(())
    }
}
