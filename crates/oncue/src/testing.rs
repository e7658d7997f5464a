//! A broker in memory for tests of tasks: a clock in the test's hand, no process, no socket, no waiting.
//!
//! ```toml
//! [dev-dependencies]
//! oncue = { version = "0.1", features = ["testing"] }
//! ```
//!
//! A [`TestBroker`] is a machine with oncue's own broker on it: the decisions are those of the real
//! one, and the app's code talks to it as it does to the real one. Registrations, task servers,
//! tasks, handlers and [`tools`](crate::tools) run unchanged; the test lets time pass, pins facts,
//! sends the machine to sleep, reboots it, takes its power away, and crashes task servers.
//!
//! # A complete test
//!
//! ```
//! use std::error::Error;
//! use std::time::Duration;
//!
//! use oncue::testing::{Fact, TestBroker, TestPackage};
//! use oncue::{
//!     BackgroundTask, BackgroundTaskBuilder, BackgroundTaskInstance,
//!     BackgroundTaskRegistration, ClassUse, Guid, IdlePolicy, SystemCondition, SystemConditionType,
//!     TaskError, TaskServer, TaskState, TimeTrigger,
//! };
//!
//! // ---- The app, as it ships.
//!
//! const CLASS: Guid = Guid::from_u128(0x6b1f4c60_7c43_4f0e_9a3e_52a1c1f0d7b4);
//!
//! struct Upload;
//!
//! impl BackgroundTask for Upload {
//!     fn run(&self, instance: &BackgroundTaskInstance) -> Result<(), TaskError> {
//!         for percent in 1..=100 {
//!             if instance.is_canceled() {
//!                 return Err("cancelled half-way".into());
//!             }
//!             instance.set_progress(percent);
//!         }
//!         Ok(())
//!     }
//! }
//!
//! fn register() -> Result<BackgroundTaskRegistration, oncue::Error> {
//!     BackgroundTaskBuilder::new()
//!         .set_name("Upload")
//!         .set_task_entry_point_clsid(CLASS)
//!         .set_trigger(TimeTrigger::new(15, false))
//!         .add_condition(SystemCondition::new(SystemConditionType::InternetAvailable))
//!         .register()
//! }
//!
//! fn serve() -> Result<(), oncue::Error> {
//!     let server = TaskServer::new()?;
//!     server.register_class_object(CLASS, || Upload, ClassUse::Multiple)?;
//!     server.wait(IdlePolicy::AfterFirstCompletion)
//! }
//!
//! // ---- Its test.
//!
//! # fn main() -> Result<(), Box<dyn Error>> {
//! // The package, and what the arguments of its `com:ExeServer` lead to. With the app's manifest:
//! // `TestPackage::from_manifest(include_str!("../AppxManifest.xml"))?.server([CLASS], serve)`.
//! let package = TestPackage::new("Contoso.Upload_8wekyb3d8bbwe").server([CLASS], serve);
//! let broker = TestBroker::new(package)?;
//! let task = register()?;
//!
//! // Time passes only here. Nothing is known of the internet yet, so the task is held.
//! broker.advance(Duration::from_secs(15 * 60))?;
//! assert_eq!(broker.state(&task), Some(TaskState::Held));
//! assert_eq!(broker.why(&task), ["internet"]);
//!
//! // The task server is started, runs the task and leaves, all before this returns.
//! broker.pin(Fact::Internet, true)?;
//! let ledger = broker.ledger();
//! assert_eq!((ledger[0].outcome.as_str(), ledger[0].progress), ("completed", Some(100)));
//!
//! // A night of sleep: one run stands for all firings that it missed.
//! broker.sleep()?;
//! broker.resume(Duration::from_secs(8 * 3_600))?;
//! assert_eq!(broker.ledger().last().map(|entry| entry.firings), Some(32));
//!
//! // What was registered survives.
//! broker.lose_power(Duration::from_secs(60))?;
//! assert_eq!(BackgroundTaskRegistration::all_tasks()?, [task]);
//! # Ok(()) }
//! ```
//!
//! # Which thread sees which broker
//!
//! The thread that makes a [`TestBroker`] acts for a program of the installed package until it is
//! dropped. So does every thread that this crate starts from there: those of task servers, each a
//! process of its own to the broker, of runs, and of handlers. Tests that run at the same time in one
//! process do not see each other.
//!
//! The threads of a tokio runtime act for the program that was seen in that runtime first. So tasks
//! that are spawned on it, `spawn_blocking` included, may ask the broker:
//!
//! - of a test that creates its [`TestBroker`] inside the runtime, as a `#[tokio::test]` does, or after
//!   `let _inside = runtime.enter();`;
//! - of a run that is handed to the runtime by
//!   [`register_async_class_object_on`](crate::TaskServer::register_async_class_object_on).
//!
//! A runtime that several tests use at once belongs to none of them.
//!
//! Any other thread that the test or a task starts does not belong to a program. Objects that it already
//! has, such as an instance, a deferral or a server, work there, but to call the broker it needs a
//! [`Program`]. In a process that has run a test, calls from such threads are refused, so that no test
//! reaches the user's own broker by mistake.
//!
//! # When a verb returns
//!
//! [`fire`](TestBroker::fire), [`advance`](TestBroker::advance) and all others return when
//! everything has happened that can happen at that instant: task servers have started or left, runs
//! have ended, handlers have returned. A run takes no time on the test's clock. One that is to last,
//! because it waits for the test or for its cancellation, is announced by
//! [`takes_time`](TestBroker::takes_time): then the verbs wait only until it was entered, the clock
//! moves while it runs, and [`run_to_completion`](TestBroker::run_to_completion) or
//! [`wait_until`](TestBroker::wait_until) wait for what it does. What should end and does not is an
//! error that names it, after [10 seconds](TestBroker::set_patience) of real time.
//!
//! # What it cannot do
//!
//! - A thread cannot be killed. Where the broker kills a task server, or the test crashes it or
//!   reboots, its connection is cut: its runs are told `Terminating`, as those of a server whose
//!   broker is gone, [`TaskServer::wait`](crate::TaskServer::wait) returns an error, and whatever the
//!   thread still says counts for nothing. It ends when its code does.
//! - `abort`, `exit` and a stack overflow in a task end the test, not only its server.
//! - Statics are shared by all that the test plays: they are not fresh in a server that starts anew.
//! - `SystemTime::now` and `sleep` in a task go by the real clock; only what the broker does, and when
//!   an idle server leaves, goes by the test's.
//! - A task server has to come to [`TaskServer::wait`](crate::TaskServer::wait), or to end.
//! - There are no executables, no standard error, and no arguments: those are for a test with the real
//!   broker, below an `ONCUE_HOME` of its own.

mod broker;
mod error;
mod folder;
mod front;
mod hub;
mod journal;
mod look;
mod machine;
mod package;
mod perform;
mod process;
mod settle;
mod time;
mod verbs;
mod world;
mod zones;

pub use oncue_core::{Exit, FactKind as Fact, Limits, Reading, Settings};

pub use broker::{Program, TestBroker};
pub use error::TestError;
pub use package::TestPackage;

pub(crate) use process::stranger;
pub(crate) use time::Played;
