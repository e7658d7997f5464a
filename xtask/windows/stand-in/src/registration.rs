//! `BackgroundTaskRegistration`: a registration, and `AllTasks`.

use std::ffi::c_void;

use windows::ApplicationModel::Background::{
    BackgroundTaskCompletedEventHandler, BackgroundTaskProgressEventHandler, IBackgroundTaskRegistration,
    IBackgroundTaskRegistration_Impl, IBackgroundTaskRegistration2, IBackgroundTaskRegistration2_Impl,
    IBackgroundTrigger,
};
use windows::Win32::Foundation::{E_BOUNDS, E_NOTIMPL};
use windows::Win32::System::WinRT::{IActivationFactory, IActivationFactory_Impl};
use windows_collections::{
    IIterable, IIterable_Impl, IIterator, IKeyValuePair, IKeyValuePair_Impl, IMapView, IMapView_Impl,
};
use windows_core::{GUID, HRESULT, HSTRING, IInspectable, Interface as _, OutRef, Ref, Result, implement};

use crate::builder::NOT_FOUND;
use crate::inspectable::{exclusive, unasked};
use crate::notes::note;
use crate::package::has_identity;
use crate::place::give;
use crate::tasks::{self, Task};
use crate::trigger;

/// The tokens of handlers; the stand-in raises no event, so that one of each kind will do.
const PROGRESS: i64 = 1;
const COMPLETED: i64 = 2;

#[implement(IBackgroundTaskRegistration, IBackgroundTaskRegistration2)]
struct Registration {
    task: Task,
}

/// Makes the object of a registration.
pub(crate) fn registration(task: Task) -> IBackgroundTaskRegistration {
    Registration { task }.into()
}

impl Registration {
    fn note(&self, call: &str) -> Result<()> {
        note(&format!("BackgroundTaskRegistration({}).{call}", self.task.name))
    }
}

impl IBackgroundTaskRegistration_Impl for Registration_Impl {
    fn TaskId(&self) -> Result<GUID> {
        Ok(self.task.id)
    }

    fn Name(&self) -> Result<HSTRING> {
        Ok(HSTRING::from(&self.task.name))
    }

    fn Progress(&self, handler: Ref<'_, BackgroundTaskProgressEventHandler>) -> Result<i64> {
        handler.ok()?;
        self.note("Progress += handler")?;
        Ok(PROGRESS)
    }

    fn RemoveProgress(&self, token: i64) -> Result<()> {
        if token == PROGRESS { self.note("Progress -= handler") } else { Err(E_BOUNDS.into()) }
    }

    fn Completed(&self, handler: Ref<'_, BackgroundTaskCompletedEventHandler>) -> Result<i64> {
        handler.ok()?;
        self.note("Completed += handler")?;
        Ok(COMPLETED)
    }

    fn RemoveCompleted(&self, token: i64) -> Result<()> {
        if token == COMPLETED { self.note("Completed -= handler") } else { Err(E_BOUNDS.into()) }
    }

    fn Unregister(&self, cancel: bool) -> Result<()> {
        self.note(&format!("Unregister({cancel})"))?;
        tasks::remove(self.task.id)
    }
}

impl IBackgroundTaskRegistration2_Impl for Registration_Impl {
    fn Trigger(&self) -> Result<IBackgroundTrigger> {
        trigger::time(self.task.minutes, self.task.one_shot)
    }
}

type Pair = IKeyValuePair<GUID, IBackgroundTaskRegistration>;

#[implement(IKeyValuePair<GUID, IBackgroundTaskRegistration>)]
struct Entry(Task);

impl IKeyValuePair_Impl<GUID, IBackgroundTaskRegistration> for Entry_Impl {
    fn Key(&self) -> Result<GUID> {
        Ok(self.0.id)
    }

    fn Value(&self) -> Result<IBackgroundTaskRegistration> {
        Ok(registration(self.0.clone()))
    }
}

#[implement(IMapView<GUID, IBackgroundTaskRegistration>, IIterable<Pair>)]
struct All(Vec<Task>);

impl IIterable_Impl<Pair> for All_Impl {
    fn First(&self) -> Result<IIterator<Pair>> {
        let pairs: Vec<Option<Pair>> = self.0.iter().map(|task| Some(Entry(task.clone()).into())).collect();
        IIterable::<Pair>::from(pairs).First()
    }
}

impl IMapView_Impl<GUID, IBackgroundTaskRegistration> for All_Impl {
    fn Lookup(&self, key: Ref<'_, GUID>) -> Result<IBackgroundTaskRegistration> {
        let found = self.0.iter().find(|task| task.id == *key);
        Ok(registration(found.ok_or(E_BOUNDS)?.clone()))
    }

    fn Size(&self) -> Result<u32> {
        u32::try_from(self.0.len()).map_err(|_| E_BOUNDS.into())
    }

    fn HasKey(&self, key: Ref<'_, GUID>) -> Result<bool> {
        Ok(self.0.iter().any(|task| task.id == *key))
    }

    fn Split(
        &self,
        _: OutRef<'_, IMapView<GUID, IBackgroundTaskRegistration>>,
        _: OutRef<'_, IMapView<GUID, IBackgroundTaskRegistration>>,
    ) -> Result<()> {
        Err(E_NOTIMPL.into())
    }
}

exclusive!("4c542f69-b000-42ba-a093-6a563c65e3f8" IBackgroundTaskRegistrationStatics {
    fn AllTasks(tasks: *mut *mut c_void);
});

/// The factory of `BackgroundTaskRegistration`, which has `AllTasks`.
#[implement(IActivationFactory, IBackgroundTaskRegistrationStatics)]
pub(crate) struct Registrations;

impl IActivationFactory_Impl for Registrations_Impl {
    fn ActivateInstance(&self) -> Result<IInspectable> {
        Err(E_NOTIMPL.into())
    }
}

impl IBackgroundTaskRegistrationStatics_Impl for Registrations_Impl {
    unasked!();

    unsafe fn AllTasks(&self, to: *mut *mut c_void) -> HRESULT {
        let all = || {
            note("BackgroundTaskRegistration.AllTasks")?;
            if !has_identity() {
                return Err(NOT_FOUND.into());
            }
            let view: IMapView<GUID, IBackgroundTaskRegistration> = All(tasks::all()?).into();
            Ok(view.into_raw())
        };
        // SAFETY: the caller wants a view of the map there.
        unsafe { give(to, all()) }
    }
}
