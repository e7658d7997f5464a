//! A task instance that stands in for that of Windows, in the same process.
#![expect(unsafe_code, non_snake_case, reason = "COM")]

use std::ffi::c_void;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};

use windows::ApplicationModel::Background::{
    BackgroundTaskCanceledEventHandler, BackgroundTaskCancellationReason, BackgroundTaskDeferral,
    BackgroundTaskRegistration, BackgroundTaskThrottleCounter, IBackgroundTaskInstance,
    IBackgroundTaskInstance_Impl, IBackgroundTaskInstance2, IBackgroundTaskInstance2_Impl,
};
use windows::Win32::Foundation::{E_NOTIMPL, S_OK};
use windows_core::{
    GUID, HRESULT, IInspectable, IUnknown, IUnknown_Vtbl, Interface, Ref, implement, interface,
};

use super::super::apartment::{InMta, within};

/// The id of all such instances.
pub(crate) const ID: u128 = 0x1234;

/// What a run reports to Windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Progress(u32),
    NotListening,
    Complete,
}

impl Told {
    pub(crate) fn progress(self) -> Option<u32> {
        match self {
            Self::Progress(value) => Some(value),
            _ => None,
        }
    }
}

/// What happened to an instance.
pub(crate) struct Seen {
    told: Sender<Told>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    complete: bool,
    handler: Option<Arc<InMta<BackgroundTaskCanceledEventHandler>>>,
}

impl Seen {
    pub(crate) fn new(told: Sender<Told>) -> Self {
        Self { told, state: Mutex::default() }
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.state.lock().unwrap().complete
    }

    /// Cancels the run like Windows. A run that has ended no longer listens.
    pub(crate) fn cancel(self: &Arc<Self>, reason: BackgroundTaskCancellationReason) {
        let Some(handler) = self.state.lock().unwrap().handler.clone() else { return };
        let seen = Arc::clone(self);
        within(move || handler.Invoke(&of(&seen), reason)).unwrap().unwrap();
    }

    fn tell(&self, told: Told) {
        self.told.send(told).unwrap();
    }
}

/// Creates the instance.
pub(crate) fn of(seen: &Arc<Seen>) -> IBackgroundTaskInstance {
    Instance { seen: Arc::clone(seen) }.into()
}

#[implement(IBackgroundTaskInstance, IBackgroundTaskInstance2)]
struct Instance {
    seen: Arc<Seen>,
}

impl IBackgroundTaskInstance_Impl for Instance_Impl {
    fn InstanceId(&self) -> windows_core::Result<GUID> {
        Ok(GUID::from_u128(ID))
    }

    fn Task(&self) -> windows_core::Result<BackgroundTaskRegistration> {
        Err(E_NOTIMPL.into())
    }

    fn Progress(&self) -> windows_core::Result<u32> {
        Err(E_NOTIMPL.into())
    }

    fn SetProgress(&self, value: u32) -> windows_core::Result<()> {
        self.seen.tell(Told::Progress(value));
        Ok(())
    }

    fn TriggerDetails(&self) -> windows_core::Result<IInspectable> {
        Err(E_NOTIMPL.into())
    }

    fn Canceled(&self, handler: Ref<'_, BackgroundTaskCanceledEventHandler>) -> windows_core::Result<i64> {
        // SAFETY: `Run` is called in the multithreaded apartment, and `cancel` uses it there.
        let handler = unsafe { InMta::new(handler.ok()?.clone()) };
        self.seen.state.lock().unwrap().handler = Some(Arc::new(handler));
        Ok(77)
    }

    fn RemoveCanceled(&self, token: i64) -> windows_core::Result<()> {
        assert_eq!(token, 77);
        self.seen.state.lock().unwrap().handler = None;
        self.seen.tell(Told::NotListening);
        Ok(())
    }

    fn SuspendedCount(&self) -> windows_core::Result<u32> {
        Ok(3)
    }

    fn GetDeferral(&self) -> windows_core::Result<BackgroundTaskDeferral> {
        let deferral: ICompletes = Deferral { seen: Arc::clone(&self.seen) }.into();
        // SAFETY: `ICompletes` has the id and the layout of the deferral's only interface.
        Ok(unsafe { BackgroundTaskDeferral::from_raw(deferral.into_raw()) })
    }
}

impl IBackgroundTaskInstance2_Impl for Instance_Impl {
    fn GetThrottleCount(&self, counter: BackgroundTaskThrottleCounter) -> windows_core::Result<u32> {
        Ok(counter.0.cast_unsigned())
    }
}

/// *IBackgroundTaskDeferral*, which the crate does not let anyone implement: the three methods of
/// *IInspectable*, and its own.
#[interface("93cc156d-af27-4dd3-846e-24ee40cadd25")]
unsafe trait ICompletes: IUnknown {
    fn GetIids(&self, count: *mut u32, ids: *mut *mut GUID) -> HRESULT;
    fn GetRuntimeClassName(&self, name: *mut *mut c_void) -> HRESULT;
    fn GetTrustLevel(&self, level: *mut i32) -> HRESULT;
    fn Complete(&self) -> HRESULT;
}

#[implement(ICompletes)]
struct Deferral {
    seen: Arc<Seen>,
}

impl ICompletes_Impl for Deferral_Impl {
    unsafe fn GetIids(&self, _: *mut u32, _: *mut *mut GUID) -> HRESULT {
        E_NOTIMPL
    }

    unsafe fn GetRuntimeClassName(&self, _: *mut *mut c_void) -> HRESULT {
        E_NOTIMPL
    }

    unsafe fn GetTrustLevel(&self, _: *mut i32) -> HRESULT {
        E_NOTIMPL
    }

    unsafe fn Complete(&self) -> HRESULT {
        let mut state = self.seen.state.lock().unwrap();
        assert!(!std::mem::replace(&mut state.complete, true), "completed once");
        drop(state);
        self.seen.tell(Told::Complete);
        S_OK
    }
}
