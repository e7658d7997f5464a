//! Background tasks that run on cue, on every desktop.
//!
//! An app registers a *background task* once, with a name, a class id, a trigger and conditions.
//! The task then runs when its trigger fires and its conditions hold, even when the app is closed
//! and after a reboot. A broker waits for the trigger, starts the app's *task server* process and
//! passes it the run. It follows the run's progress, cancels it with a reason if necessary, and
//! records what happened and why. This does not need root, systemd or a session bus, and nothing
//! has to be installed first: a program can embed the broker.
//!
//! The names are those of WinRT in Rust's spelling, so Microsoft's documentation of
//! *Windows.ApplicationModel.Background* applies. Calls block, and none needs an async runtime;
//! [`unblock`] makes them as a future. An asynchronous task is an [`AsyncBackgroundTask`], which runs on
//! its own thread or on the app's executor.
//!
//! # A first task
//!
//! The program describes its tasks. If a user starts it, [`App::run`] registers them; if the broker starts
//! it, `run` serves them. Class ids, the package's manifest and the server's arguments are derived from the
//! tasks' names and from `Cargo.toml`; see [`App`].
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use oncue::{AppTask, SystemConditionType, TimeTrigger};
//!
//! fn main() -> Result<(), oncue::Error> {
//!     let period = TimeTrigger::every(Duration::from_secs(15 * 60));
//!     let greeting = AppTask::new("Greeting", period, |run| {
//!         for percent in 1..=100 {
//!             if run.is_canceled() {
//!                 break;
//!             }
//!             run.set_progress(percent);
//!         }
//!         Ok(())
//!     });
//!     oncue::app!().task(greeting.when(SystemConditionType::InternetAvailable)).run()?;
//!     Ok(())
//! }
//! ```
//!
//! # WinRT's way
//!
//! An app can also perform each step itself, as in Microsoft's article. An `AppxManifest.xml` beside its
//! executable then declares the class, and the arguments with which the broker starts the server.
//!
//! ```no_run
//! use std::error::Error;
//!
//! use oncue::{
//!     BackgroundTask, BackgroundTaskBuilder, BackgroundTaskInstance, ClassUse, Guid, IdlePolicy,
//!     OneShot, SystemCondition, SystemConditionType, TaskError, TaskServer, TimeTrigger,
//! };
//!
//! const CLASS: Guid = Guid::from_u128(0x6b1f4c60_7c43_4f0e_9a3e_52a1c1f0d7b4);
//!
//! struct Greeting;
//!
//! impl BackgroundTask for Greeting {
//!     fn run(&self, instance: &BackgroundTaskInstance) -> Result<(), TaskError> {
//!         for percent in 1..=100 {
//!             if instance.is_canceled() {
//!                 break;
//!             }
//!             instance.set_progress(percent);
//!         }
//!         Ok(())
//!     }
//! }
//!
//! fn main() -> Result<(), Box<dyn Error>> {
//!     if std::env::args().any(|argument| argument == "--serve") {
//!         let server = TaskServer::new()?;
//!         server.register_class_object(CLASS, || Greeting, ClassUse::Multiple)?;
//!         return Ok(server.wait(IdlePolicy::AfterFirstCompletion)?);
//!     }
//!     let (task, how) = BackgroundTaskBuilder::new()
//!         .set_name("Greeting")
//!         .set_task_entry_point_clsid(CLASS)
//!         .set_trigger(TimeTrigger::new(15, OneShot::No))
//!         .add_condition(SystemCondition::new(SystemConditionType::InternetAvailable))
//!         .register_or_keep()?;
//!     println!("{} is registered as {} ({how:?})", task.name(), task.task_id());
//!     Ok(())
//! }
//! ```
//!
//! # Tests
//!
//! With the `testing` feature, intended for dev-dependencies, the module [`testing`] contains an
//! in-memory broker with a virtual clock. Registrations, task servers and tasks run unchanged, in
//! one process and without waiting, while the test advances time, changes conditions, reboots the
//! machine and crashes servers.
//!
//! # Platforms
//!
//! | host | broker | supported |
//! |---|---|---|
//! | Linux | oncue's own broker, one per user | yes |
//! | Windows, packaged app | Windows itself | yes: *Windows.ApplicationModel.Background* and COM, with the same source |
//! | Windows, unpackaged app | Windows' Task Scheduler | planned |
//!
//! If a host does not support something, the call is refused with an error that names it
//! ([`Error::is_not_supported`]); nothing is silently changed. Differences between hosts are described at
//! each item, and for each call in `docs/windows-mapping.md`.
//!
//! # Compatibility
//!
//! A program works with a newer broker. If the broker reports something that this version does not know, it is
//! passed on as [`Word::Other`], [`TriggerKind::Unknown`] or [`RequestResult::Other`], and not mistaken for
//! something known.
#![deny(unsafe_code)]
#![warn(clippy::wildcard_enum_match_arm)]

mod access;
mod app;
mod application_data;
mod awaiting;
#[cfg(not(windows))]
mod broker;
mod builder;
mod calls;
mod canceled;
mod class;
mod condition;
mod details;
mod error;
mod event;
mod group;
mod here;
mod host;
mod idle;
mod instance;
mod listener;
mod lock;
mod package;
mod past_run;
mod registration;
mod run;
mod server;
mod sleepers;
mod task;
mod throttle;
mod trigger;
mod unblock;
// The pure parts are tested on every platform.
#[cfg(any(windows, test))]
mod windows;
mod worker;

#[cfg(all(feature = "testing", not(windows)))]
pub mod testing;

/// An in-memory broker for tests of tasks, with a clock that the test controls: no process, no socket, no
/// waiting.
///
/// ```toml
/// [dev-dependencies]
/// oncue = { version = "0.1", features = ["testing"] }
/// ```
///
/// A test creates a `TestBroker` with a `TestPackage`. Registrations, task servers and tasks run unchanged
/// against the broker's real decisions; the test lets time pass, pins facts, sends the machine to sleep,
/// reboots it and crashes task servers, and reads the ledger.
///
/// This page is short because it was built without the feature `testing`. To build the full documentation,
/// with a complete example:
///
/// ```sh
/// cargo doc --open -p oncue --features testing
/// ```
#[cfg(all(doc, not(doctest), not(feature = "testing"), not(windows)))]
pub mod testing {}

pub use access::BackgroundAccessStatus;
pub use app::{App, AppTask};
pub use application_data::ApplicationData;
pub use awaiting::{AsyncBackgroundTask, RunFuture};
#[cfg(not(windows))]
pub use broker::{tools, why};
pub use builder::BackgroundTaskBuilder;
pub use calls::{BackgroundExecutionManager, raise_custom_system_event};
pub use canceled::Canceled;
pub use class::ClassFactory;
pub use condition::{BackgroundCondition, Condition, SystemCondition, SystemConditionType};
pub use details::TriggerDetails;
pub use error::Error;
pub use event::{
    BackgroundTaskCompletedEventArgs, BackgroundTaskProgressEventArgs, EventRegistrationToken, RunFailed,
};
pub use group::BackgroundTaskRegistrationGroup;
pub use idle::IdlePolicy;
pub use instance::{BackgroundTaskDeferral, BackgroundTaskInstance};
pub use listener::Listener;
pub use oncue_types::{
    CancellationReason as BackgroundTaskCancellationReason, Changes, ClassUse, Cookie, Exit,
    Growth as RetryGrowth, Guid, GuidError, HoldEnd, Missed as MissedFirings, Outcome, RegisterResult, Retry,
    TaskState,
};
pub use oncue_wire::{Code, Word};
pub use package::Package;
pub use past_run::PastRun;
pub use registration::{BackgroundTaskRegistration, Cancel, Force, RequestResult};
pub use server::TaskServer;
pub use task::{BackgroundTask, TaskError};
pub use throttle::BackgroundTaskThrottleCounter;
pub use trigger::{
    ApplicationTrigger, ApplicationTriggerResult, BackgroundTrigger, Bus, BusSignalTrigger, CalendarTrigger,
    CustomSystemEventTrigger, CustomSystemEventTriggerRecurrence, DeviceAction, DeviceTrigger,
    MaintenanceTrigger, OneShot, PathTrigger, PushNotificationTrigger, StartupTrigger,
    StorageLibraryContentChangedTrigger, SystemTrigger, SystemTriggerType, TimeTrigger, Trigger, TriggerKind,
};
pub use unblock::{Unblock, unblock};

/// The README's example must compile.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
