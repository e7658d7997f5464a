//! `BackgroundTaskBuilder`: records its properties, and registers a task with the latest values.

use std::ffi::c_void;
use std::fs;
use std::sync::{Mutex, MutexGuard, PoisonError};

use windows::ApplicationModel::Background::{
    BackgroundTaskRegistrationGroup, IBackgroundCondition, IBackgroundTrigger,
};
use windows::Win32::Foundation::{E_INVALIDARG, S_OK};
use windows::Win32::System::WinRT::{IActivationFactory, IActivationFactory_Impl};
use windows_core::{GUID, HRESULT, IInspectable, Interface as _, Result, implement};

use crate::inspectable::{exclusive, unasked};
use crate::notes::note;
use crate::package::has_identity;
use crate::place::{give, place};
use crate::registration::registration;
use crate::tasks::{Group, What};
use crate::{tasks, text, trigger};

/// The error that Windows returns to a process without package identity.
pub(crate) const NOT_FOUND: HRESULT = HRESULT(0x8007_0490_u32.cast_signed());

exclusive!("0351550e-3e64-4572-a93a-84075a37c917" IBackgroundTaskBuilder {
    fn SetTaskEntryPoint();
    fn TaskEntryPoint();
    fn SetTrigger(trigger: *mut c_void);
    fn AddCondition(condition: *mut c_void);
    fn SetName(name: text::Raw);
    fn Name();
    fn Register(task: *mut *mut c_void);
});

exclusive!("6ae7cfb1-104f-406d-8db6-844a570f42bb" IBackgroundTaskBuilder2 {
    fn SetCancelOnConditionLoss(value: bool);
    fn CancelOnConditionLoss();
});

exclusive!("4755e522-cba2-4e35-bd16-a6da7f1c19aa" IBackgroundTaskBuilder4 {
    fn TaskGroup();
    fn SetTaskGroup(group: *mut c_void);
});

exclusive!("077103f6-99f5-4af4-bcad-4731d0330d43" IBackgroundTaskBuilder5 {
    fn SetTaskEntryPointClsid(class: GUID);
});

#[derive(Default)]
struct Given {
    name: String,
    has_class: bool,
    time: Option<(u32, bool)>,
    group: Option<Group>,
}

#[implement(
    IBackgroundTaskBuilder,
    IBackgroundTaskBuilder2,
    IBackgroundTaskBuilder4,
    IBackgroundTaskBuilder5
)]
#[derive(Default)]
struct Builder {
    given: Mutex<Given>,
}

impl Builder {
    fn given(&self) -> MutexGuard<'_, Given> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn register(&self) -> Result<*mut c_void> {
        note("BackgroundTaskBuilder.Register()")?;
        if !has_identity() {
            return Err(NOT_FOUND.into());
        }
        if let Some(refusal) = refusal() {
            return Err(refusal.into());
        }
        let given = self.given();
        // Documented: a task has a trigger and an entry point.
        let (minutes, one_shot) = given.time.filter(|_| given.has_class).ok_or(E_INVALIDARG)?;
        let (name, group) = (given.name.clone(), given.group.clone());
        let task = tasks::add(What { name, minutes, one_shot, group })?;
        Ok(registration(task).into_raw())
    }
}

/// The HRESULT with which the test wants `Register` to fail.
fn refusal() -> Option<HRESULT> {
    let text = fs::read_to_string(place("refusal.txt")).ok()?;
    let number = u32::from_str_radix(text.trim().trim_start_matches("0x"), 16).ok()?;
    Some(HRESULT(number.cast_signed()))
}

fn done(result: Result<()>) -> HRESULT {
    result.map_or_else(|error| error.code(), |()| S_OK)
}

impl IBackgroundTaskBuilder_Impl for Builder_Impl {
    unasked!(SetTaskEntryPoint TaskEntryPoint Name);

    unsafe fn SetTrigger(&self, trigger: *mut c_void) -> HRESULT {
        // SAFETY: the caller keeps the trigger through the call.
        let given = unsafe { IBackgroundTrigger::from_raw_borrowed(&trigger) };
        let set = || {
            let (minutes, one_shot) = trigger::of_time(given.ok_or(E_INVALIDARG)?)?;
            note(&format!("BackgroundTaskBuilder.SetTrigger(TimeTrigger({minutes}, {one_shot}))"))?;
            self.given().time = Some((minutes, one_shot));
            Ok(())
        };
        done(set())
    }

    unsafe fn AddCondition(&self, condition: *mut c_void) -> HRESULT {
        // SAFETY: the caller keeps the condition through the call.
        let given = unsafe { IBackgroundCondition::from_raw_borrowed(&condition) };
        let add = || {
            let number = trigger::number(given.ok_or(E_INVALIDARG)?)?;
            note(&format!("BackgroundTaskBuilder.AddCondition(SystemCondition({number}))"))
        };
        done(add())
    }

    unsafe fn SetName(&self, name: text::Raw) -> HRESULT {
        // SAFETY: the caller keeps the text through the call.
        let name = unsafe { text::read(name) };
        let noted = note(&format!("BackgroundTaskBuilder.Name = {name}"));
        self.given().name = name;
        done(noted)
    }

    unsafe fn Register(&self, task: *mut *mut c_void) -> HRESULT {
        // SAFETY: the caller wants a `BackgroundTaskRegistration` there.
        unsafe { give(task, self.register()) }
    }
}

impl IBackgroundTaskBuilder2_Impl for Builder_Impl {
    unasked!(CancelOnConditionLoss);

    unsafe fn SetCancelOnConditionLoss(&self, value: bool) -> HRESULT {
        done(note(&format!("BackgroundTaskBuilder.CancelOnConditionLoss = {value}")))
    }
}

impl IBackgroundTaskBuilder4_Impl for Builder_Impl {
    unasked!(TaskGroup);

    unsafe fn SetTaskGroup(&self, group: *mut c_void) -> HRESULT {
        // SAFETY: the caller keeps the group, a `BackgroundTaskRegistrationGroup`, through the call.
        let given = unsafe { BackgroundTaskRegistrationGroup::from_raw_borrowed(&group) };
        let set = || {
            let given = given.ok_or(E_INVALIDARG)?;
            let group = Group { id: given.Id()?.to_string_lossy(), name: given.Name()?.to_string_lossy() };
            note(&format!("BackgroundTaskBuilder.TaskGroup = {}", group.id))?;
            self.given().group = Some(group);
            Ok(())
        };
        done(set())
    }
}

impl IBackgroundTaskBuilder5_Impl for Builder_Impl {
    unasked!();

    unsafe fn SetTaskEntryPointClsid(&self, class: GUID) -> HRESULT {
        self.given().has_class = true;
        done(note(&format!("BackgroundTaskBuilder.SetTaskEntryPointClsid({class:?})")))
    }
}

/// The factory of `BackgroundTaskBuilder`.
#[implement(IActivationFactory)]
pub(crate) struct Builders;

impl IActivationFactory_Impl for Builders_Impl {
    fn ActivateInstance(&self) -> Result<IInspectable> {
        note("BackgroundTaskBuilder()")?;
        let made: IBackgroundTaskBuilder = Builder::default().into();
        made.cast()
    }
}
