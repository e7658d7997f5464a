//! `TimeTrigger` and `SystemCondition`, with the values from their creation.

use std::ffi::c_void;

use windows::ApplicationModel::Background::{
    IBackgroundCondition, IBackgroundCondition_Impl, IBackgroundTrigger, IBackgroundTrigger_Impl,
    SystemCondition, TimeTrigger,
};
use windows::Win32::Foundation::E_NOTIMPL;
use windows::Win32::System::WinRT::{IActivationFactory, IActivationFactory_Impl};
use windows_core::{HRESULT, IInspectable, Interface as _, Result, implement};

use crate::inspectable::{exclusive, unasked};
use crate::notes::note;
use crate::place::give;

exclusive!("656e5556-0b2a-4377-ba70-3b45a935547f" ITimeTrigger {
    fn FreshnessTime(minutes: *mut u32);
    fn OneShot(one_shot: *mut bool);
});

exclusive!("38c682fe-9b54-45e6-b2f3-269b87a6f734" ITimeTriggerFactory {
    fn Create(minutes: u32, one_shot: bool, trigger: *mut *mut c_void);
});

exclusive!("c15fb476-89c5-420b-abd3-fb3030472128" ISystemCondition {
    fn ConditionType(number: *mut i32);
});

exclusive!("d269d1f1-05a7-49ae-87d7-16b2b8b9a553" ISystemConditionFactory {
    fn Create(number: i32, condition: *mut *mut c_void);
});

#[implement(ITimeTrigger, IBackgroundTrigger)]
struct Time {
    minutes: u32,
    one_shot: bool,
}

impl IBackgroundTrigger_Impl for Time_Impl {}

impl ITimeTrigger_Impl for Time_Impl {
    unasked!();

    unsafe fn FreshnessTime(&self, minutes: *mut u32) -> HRESULT {
        // SAFETY: the caller wants the result there.
        unsafe { give(minutes, Ok(self.minutes)) }
    }

    unsafe fn OneShot(&self, one_shot: *mut bool) -> HRESULT {
        // SAFETY: as above.
        unsafe { give(one_shot, Ok(self.one_shot)) }
    }
}

/// Creates a trigger.
pub(crate) fn time(minutes: u32, one_shot: bool) -> Result<IBackgroundTrigger> {
    let made: ITimeTrigger = Time { minutes, one_shot }.into();
    made.cast()
}

/// Returns the values of a trigger; the SDK passes no other kind.
pub(crate) fn of_time(trigger: &IBackgroundTrigger) -> Result<(u32, bool)> {
    let trigger: TimeTrigger = trigger.cast()?;
    Ok((trigger.FreshnessTime()?, trigger.OneShot()?))
}

/// Returns the number of the condition.
pub(crate) fn number(condition: &IBackgroundCondition) -> Result<i32> {
    Ok(condition.cast::<SystemCondition>()?.ConditionType()?.0)
}

#[implement(ISystemCondition, IBackgroundCondition)]
struct Condition {
    number: i32,
}

impl IBackgroundCondition_Impl for Condition_Impl {}

impl ISystemCondition_Impl for Condition_Impl {
    unasked!();

    unsafe fn ConditionType(&self, number: *mut i32) -> HRESULT {
        // SAFETY: the caller wants the result there.
        unsafe { give(number, Ok(self.number)) }
    }
}

/// The factory of `TimeTrigger`.
#[implement(IActivationFactory, ITimeTriggerFactory)]
pub(crate) struct TimeTriggers;

impl IActivationFactory_Impl for TimeTriggers_Impl {
    fn ActivateInstance(&self) -> Result<IInspectable> {
        Err(E_NOTIMPL.into())
    }
}

impl ITimeTriggerFactory_Impl for TimeTriggers_Impl {
    unasked!();

    unsafe fn Create(&self, minutes: u32, one_shot: bool, trigger: *mut *mut c_void) -> HRESULT {
        let made = || {
            note(&format!("TimeTrigger({minutes}, {one_shot})"))?;
            let made: ITimeTrigger = Time { minutes, one_shot }.into();
            Ok(made.into_raw())
        };
        // SAFETY: the caller wants a `TimeTrigger` there, whose default interface this is.
        unsafe { give(trigger, made()) }
    }
}

/// The factory of `SystemCondition`.
#[implement(IActivationFactory, ISystemConditionFactory)]
pub(crate) struct SystemConditions;

impl IActivationFactory_Impl for SystemConditions_Impl {
    fn ActivateInstance(&self) -> Result<IInspectable> {
        Err(E_NOTIMPL.into())
    }
}

impl ISystemConditionFactory_Impl for SystemConditions_Impl {
    unasked!();

    unsafe fn Create(&self, number: i32, condition: *mut *mut c_void) -> HRESULT {
        let made = || {
            note(&format!("SystemCondition({number})"))?;
            let made: ISystemCondition = Condition { number }.into();
            Ok(made.into_raw())
        };
        // SAFETY: the caller wants a `SystemCondition` there, whose default interface this is.
        unsafe { give(condition, made()) }
    }
}
