//! Class object, task object and run, called like Windows calls them, in one process.
#![expect(unsafe_code, reason = "COM")]

mod instance;
use std::ffi::c_void;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use self::instance::{Seen, Told};
use oncue_types::{CancellationReason as BackgroundTaskCancellationReason, Guid};
use windows::ApplicationModel::Background::{
    BackgroundTaskCancellationReason as Theirs, IBackgroundTask, IBackgroundTaskInstance,
};
use windows::Win32::Foundation::{CLASS_E_NOAGGREGATION, E_NOINTERFACE, E_POINTER};
use windows::Win32::System::Com::{IClassFactory, IClassFactory_Vtbl};
use windows_core::{GUID, HRESULT, IInspectable, IUnknown, Interface};

use super::apartment::within;
use super::class_object::ClassObject;
use crate::instance::{BackgroundTaskDeferral, BackgroundTaskInstance};
use crate::task::{BackgroundTask, TaskError};
use crate::throttle::BackgroundTaskThrottleCounter;

/// A task that runs a closure.
struct Task<F>(F);

impl<F> BackgroundTask for Task<F>
where
    F: Fn(&BackgroundTaskInstance) -> Result<(), TaskError> + Send + Sync + 'static,
{
    fn run(&self, instance: &BackgroundTaskInstance) -> Result<(), TaskError> {
        (self.0)(instance)
    }
}

fn class_object<F>(run: F) -> IClassFactory
where
    F: Fn(&BackgroundTaskInstance) -> Result<(), TaskError> + Clone + Send + Sync + 'static,
{
    ClassObject::of(Arc::new(move || Task(run.clone())))
}

/// Requests an object like COM: with or without an outer object, and for any interface.
fn create(class: &IClassFactory, outer: Option<&IUnknown>, interface: &GUID) -> Result<IUnknown, HRESULT> {
    let mut object: *mut c_void = std::ptr::null_mut();
    let table: &IClassFactory_Vtbl = class.vtable();
    let outer = outer.map_or(std::ptr::null_mut(), Interface::as_raw);
    // SAFETY: class and outer object live, and the place for the object is a local variable.
    let answer = unsafe { (table.CreateInstance)(class.as_raw(), outer, interface, &raw mut object) };
    if answer.is_err() {
        assert!(object.is_null(), "a refusal leaves no object");
        return Err(answer);
    }
    // SAFETY: the class object succeeded, so this is an interface pointer that we own.
    Ok(unsafe { IUnknown::from_raw(object) })
}

/// Runs a task on a thread of the multithreaded apartment, like COM.
fn run<F>(task: F) -> (StandIn, windows_core::Result<()>)
where
    F: Fn(&BackgroundTaskInstance) -> Result<(), TaskError> + Clone + Send + Sync + 'static,
{
    let (seen, told) = channel();
    let seen = Arc::new(Seen::new(seen));
    let (kept, answer) = {
        let seen = Arc::clone(&seen);
        within(move || {
            let object = create(&class_object(task), None, &IUnknown::IID).unwrap();
            let instance: IBackgroundTaskInstance = instance::of(&seen);
            (seen, object.cast::<IBackgroundTask>().and_then(|task| task.Run(&instance)))
        })
        .unwrap()
    };
    (StandIn { seen: kept, told }, answer)
}

struct StandIn {
    seen: Arc<Seen>,
    told: Receiver<Told>,
}

impl StandIn {
    /// Everything that was reported until the deferral was complete.
    fn until_complete(&self) -> Vec<Told> {
        let mut all = Vec::new();
        loop {
            let told = self.told.recv().unwrap();
            let complete = told == Told::Complete;
            all.push(told);
            if complete {
                return all;
            }
        }
    }
}

#[test]
fn a_class_object_makes_tasks_for_either_way_of_asking() {
    let class = class_object(|_| Ok(()));
    for interface in [IUnknown::IID, IBackgroundTask::IID, IInspectable::IID] {
        let object = create(&class, None, &interface).unwrap();
        assert!(object.cast::<IBackgroundTask>().is_ok());
    }
}

#[test]
fn a_class_object_refuses_what_it_cannot_make() {
    let class = class_object(|_| Ok(()));
    let outer: IUnknown = class.cast().unwrap();
    assert_eq!(create(&class, Some(&outer), &IUnknown::IID), Err(CLASS_E_NOAGGREGATION));
    assert_eq!(create(&class, None, &IClassFactory::IID), Err(E_NOINTERFACE));
    let mut object: *mut c_void = std::ptr::null_mut();
    let create = class.vtable().CreateInstance;
    let nowhere: *mut *mut c_void = std::ptr::null_mut();
    // SAFETY: the null pointers are what is being tested; everything else lives.
    unsafe {
        let none = std::ptr::null_mut();
        assert_eq!(create(class.as_raw(), none, &IUnknown::IID, nowhere), E_POINTER);
        assert_eq!(create(class.as_raw(), none, std::ptr::null(), &raw mut object), E_POINTER);
    }
}

#[test]
fn a_run_is_what_windows_says_it_is() {
    let facts: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&facts);
    let (windows, answer) = run(move |instance| {
        let throttled = instance.throttle_count(BackgroundTaskThrottleCounter::Network);
        let text = format!(
            "{} suspended {} throttled {throttled} firings {}",
            instance.instance_id(),
            instance.suspended_count(),
            instance.trigger_details().firings
        );
        noted.lock().unwrap().push(text);
        Ok(())
    });
    answer.unwrap();
    windows.until_complete();
    let id = Guid::from_u128(instance::ID);
    assert_eq!(*facts.lock().unwrap(), [format!("{id} suspended 3 throttled 2 firings 1")]);
}

#[test]
fn the_last_progress_comes_before_the_end() {
    let (windows, answer) = run(|instance| {
        (0..=1_000).for_each(|value| instance.set_progress(value));
        Ok(())
    });
    answer.unwrap();
    let told = windows.until_complete();
    let values: Vec<_> = told.iter().filter_map(|told| told.progress()).collect();
    assert_eq!(values.last(), Some(&1_000));
    assert!(values.is_sorted(), "{values:?}");
    assert_eq!(told[told.len() - 2..], [Told::NotListening, Told::Complete]);
}

#[test]
fn an_error_and_a_panic_end_the_run_and_not_the_server() {
    let fails = |_: &BackgroundTaskInstance| Err("disk full".into());
    let panics = |_: &BackgroundTaskInstance| -> Result<(), TaskError> { panic!("on purpose") };
    let (windows, answer) = run(fails);
    answer.unwrap();
    windows.until_complete();
    let (windows, answer) = run(panics);
    answer.unwrap();
    windows.until_complete();
}

#[test]
fn a_deferral_keeps_the_run_open_until_it_is_complete() {
    let (sender, receiver): (Sender<BackgroundTaskDeferral>, _) = channel();
    let (windows, answer) = run(move |instance| {
        sender.send(instance.deferral()).unwrap();
        instance.set_progress(7);
        Ok(())
    });
    answer.unwrap();
    let deferral = receiver.recv().unwrap();
    assert!(windows.seen.is_open());
    // On a thread that is not one of the SDK's: the end must be reported from the right apartment.
    thread::spawn(move || deferral.complete()).join().unwrap();
    let told = windows.until_complete();
    assert!(told.contains(&Told::Progress(7)), "{told:?}");
}

#[test]
fn a_cancellation_is_told_once_with_its_reason() {
    let (sender, reasons) = channel();
    let (windows, answer) = run(move |instance| {
        let sender = sender.clone();
        let deferral = Mutex::new(Some(instance.deferral()));
        instance.on_canceled(move |_, reason| {
            sender.send(reason).unwrap();
            drop(deferral.lock().unwrap().take());
        });
        Ok(())
    });
    answer.unwrap();
    windows.seen.cancel(Theirs::ConditionLoss);
    windows.seen.cancel(Theirs::Terminating);
    windows.until_complete();
    assert_eq!(reasons.try_iter().collect::<Vec<_>>(), [BackgroundTaskCancellationReason::ConditionLoss]);
}
