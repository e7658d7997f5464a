//! An in-memory broker for tests of tasks, with a clock that the test controls: no process, no
//! socket, no waiting.
//!
//! ```toml
//! [dev-dependencies]
//! oncue = { version = "0.1", features = ["testing"] }
//! ```
//!
//! A [`TestBroker`] is a machine with oncue's own broker: it makes the same decisions as the real
//! broker, and the app's code talks to it in the same way. Registrations, task servers, tasks,
//! handlers and [`tools`](crate::tools) run unchanged. The test advances time, sets facts, puts the
//! machine to sleep, reboots it, cuts its power and crashes task servers.
//!
//! # A complete test
//!
//! ```
//! use std::error::Error;
//! use std::time::Duration;
//!
//! use oncue::testing::{Fact, TestBroker, TestPackage};
//! use oncue::{
//!     BackgroundTask, BackgroundTaskBuilder, BackgroundTaskInstance, BackgroundTaskRegistration,
//!     ClassUse, Guid, IdlePolicy, OneShot, Outcome, SystemCondition, SystemConditionType, TaskError,
//!     TaskServer, TaskState, TimeTrigger,
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
//!         .set_trigger(TimeTrigger::new(15, OneShot::No))
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
//! assert_eq!(ledger[0].outcome, Outcome::Completed);
//! assert_eq!(ledger[0].progress, Some(100));
//!
//! // A night of sleep: one run answers all firings that were missed.
//! broker.sleep()?;
//! broker.resume(Duration::from_secs(8 * 3_600))?;
//! assert_eq!(broker.ledger().last().map(|entry| entry.firings), Some(32));
//!
//! // Registrations survive.
//! broker.lose_power(Duration::from_secs(60))?;
//! assert_eq!(BackgroundTaskRegistration::all_tasks()?, [task]);
//! # Ok(()) }
//! ```
//!
//! # Which thread sees which broker
//!
//! The thread that creates a [`TestBroker`] acts for a program of the installed package until the
//! broker is dropped. So does every thread that this crate starts from there: the threads of task
//! servers (each a separate process for the broker), of runs, and of handlers. Tests that run at
//! the same time in one process do not affect each other.
//!
//! The threads of a tokio runtime act for the program that first used the runtime. So tasks spawned
//! on it, including `spawn_blocking`, can call the broker:
//!
//! - of a test that creates its [`TestBroker`] inside the runtime, as a `#[tokio::test]` does, or after
//!   `let _inside = runtime.enter();`;
//! - of a run that is passed to the runtime by
//!   [`register_async_class_object_on`](crate::TaskServer::register_async_class_object_on).
//!
//! If several tests use a runtime at the same time, it does not belong to any of them.
//!
//! Any other thread that the test or a task starts does not belong to a program. Objects that it
//! already has, such as an instance, a deferral or a server, work there, but it needs a [`Program`]
//! to call the broker. In a process that has run a test, calls from such threads are refused, so
//! that no test reaches the user's own broker by mistake.
//!
//! # When a verb returns
//!
//! [`fire`](TestBroker::fire), [`advance`](TestBroker::advance) and all other verbs return when
//! everything has happened that can happen at that instant: task servers have started or left, runs
//! have ended, handlers have returned. A run takes no time on the test's clock. If a run should
//! last, because it waits for the test or for its cancellation, mark its task with
//! [`takes_time`](TestBroker::takes_time). Then the verbs only wait until the run has been entered,
//! the clock moves while it runs, and [`run_to_completion`](TestBroker::run_to_completion) or
//! [`wait_until`](TestBroker::wait_until) wait for its effects. If something that should end does
//! not, the verb returns an error that names it, after [10 seconds](TestBroker::set_patience) of
//! real time.
//!
//! # Limitations
//!
//! - A thread cannot be killed. If the broker kills a task server, or the test crashes it or
//!   reboots, its connection is cut: its runs are cancelled with `Terminating`, as if the server's
//!   broker were gone, [`TaskServer::wait`](crate::TaskServer::wait) returns an error, and anything
//!   that the thread still sends is ignored. The thread ends when its code does.
//! - `abort`, `exit` and a stack overflow in a task end the test, not only its server.
//! - Statics are shared by everything in the test: they are not reset when a server starts again.
//! - `SystemTime::now` and `sleep` in a task use the real clock. Only the broker, and the time when
//!   an idle server leaves, use the test's clock.
//! - A task server must reach [`TaskServer::wait`](crate::TaskServer::wait), or end.
//! - There are no executables, standard error or arguments. Test these with the real broker, with
//!   `ONCUE_HOME` set to a separate folder.

mod broker;
mod error;
mod folder;
mod front;
mod hub;
mod io;
mod journal;
mod look;
mod machine;
mod package;
mod perform;
mod process;
mod runtime;
mod settle;
mod time;
mod verbs;
mod world;
mod zones;

pub use oncue_core::{FactKind as Fact, Limits, Reading, Settings};

pub use broker::{Program, TestBroker};
pub use error::TestError;
pub use machine::SessionEnd;
pub use package::TestPackage;
