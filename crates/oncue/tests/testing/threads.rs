//! Which thread uses which broker.

use std::sync::{Arc, Barrier};
use std::thread;

use oncue::testing::{TestBroker, TestError, TestPackage};
use oncue::{
    AsyncBackgroundTask, BackgroundTaskInstance, BackgroundTaskRegistration, ClassUse, IdlePolicy, OneShot,
    Outcome, TaskError, TaskServer, TaskState, TimeTrigger,
};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::app::{CLASS, DAY, FAMILY, app, every_quarter};

fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn tasks() -> Result<Vec<BackgroundTaskRegistration>, oncue::Error> {
    BackgroundTaskRegistration::all_tasks()
}

#[test]
fn tests_in_one_process_do_not_see_each_other() {
    let triggers = ["every 15m", "every 30m", "every 45m", "every 1h"];
    let tests = (1..).zip(triggers).map(|(quarters, trigger)| {
        thread::spawn(move || {
            let broker = TestBroker::new(app(|_| Ok(()))).unwrap();
            let task =
                every_quarter().set_trigger(TimeTrigger::new(15 * quarters, OneShot::No)).register().unwrap();
            let all = BackgroundTaskRegistration::all_tasks().unwrap();
            let triggers: Vec<_> = all.iter().map(|task| task.trigger().to_string()).collect();
            assert_eq!((triggers, all[0].task_id()), (vec![trigger.to_owned()], task.task_id()));
            broker.advance(DAY).unwrap();
            assert_eq!(broker.ledger().len(), 96 / quarters as usize);
        })
    });
    let tests: Vec<_> = tests.collect();
    tests.into_iter().for_each(|test| test.join().unwrap());
}

#[test]
fn a_thread_of_the_test_belongs_to_its_program_when_it_says_so() {
    let broker = TestBroker::new(app(|_| Ok(()))).unwrap();
    let task = every_quarter().register().unwrap();
    let program = broker.program();
    let asked = thread::spawn(move || {
        let stranger = BackgroundTaskRegistration::all_tasks().unwrap_err();
        let own = program.within(|| BackgroundTaskRegistration::all_tasks().unwrap());
        (stranger, own)
    });
    let (stranger, own) = asked.join().unwrap();
    assert!(stranger.is_unreachable(), "a thread of nobody's does not reach the user's broker");
    assert!(stranger.to_string().contains("does not belong to a program of a test"), "{stranger}");
    assert_eq!(own, [task]);
    assert!(matches!(TestBroker::new(TestPackage::new(FAMILY)), Err(TestError::Nested)));
}

#[test]
fn a_tool_sees_the_broker_of_its_test() {
    let broker = TestBroker::new(app(|_| Ok(()))).unwrap();
    let task = every_quarter().register().unwrap();
    let tool = oncue::tools::Broker::connect().unwrap();
    broker.fire(&task).unwrap();
    let tasks = tool.tasks(oncue::tools::Watched::All).unwrap();
    assert_eq!(tasks.iter().map(|task| task.name.as_str()).collect::<Vec<_>>(), ["Sample"]);
    assert_eq!(tool.history(oncue::tools::Of::All, 10).unwrap().len(), 1);
    assert_eq!(task.recent_runs(10).unwrap(), broker.ledger());
    assert!(tool.facts().unwrap().iter().all(|fact| fact.value.is_none()));
}

#[test]
fn a_task_on_a_multi_thread_runtime_asks_the_broker_of_its_test() {
    multi_thread().block_on(async {
        let broker = TestBroker::new(app(|_| Ok(()))).unwrap();
        let task = tokio::spawn(async { every_quarter().register() }).await.unwrap().unwrap();
        let seen = tokio::task::spawn_blocking(tasks).await.unwrap().unwrap();
        assert_eq!(seen, std::slice::from_ref(&task));
        broker.fire(&task).unwrap();
        assert_eq!(broker.ledger()[0].outcome, Outcome::Completed);
    });
}

#[test]
fn a_future_makes_its_calls_for_the_program_that_created_it() {
    let broker = TestBroker::new(app(|_| Ok(()))).unwrap();
    let (registered, all) = (every_quarter().unblock(|builder| builder.register()), oncue::unblock(tasks));
    // Awaited on a thread of nobody's.
    let awaited = thread::spawn(|| {
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { (registered.await.unwrap(), all.await.unwrap()) })
    });
    let (task, all) = awaited.join().unwrap();
    assert_eq!(all, std::slice::from_ref(&task));
    assert_eq!(broker.state(&task), Some(TaskState::Armed));
}

#[test]
fn tests_with_a_runtime_each_do_not_see_each_other() {
    let tests = (1..=3).map(|quarters| {
        thread::spawn(move || {
            let runtime = multi_thread();
            let _inside = runtime.enter();
            let _broker = TestBroker::new(app(|_| Ok(()))).unwrap();
            let trigger = TimeTrigger::new(15 * quarters, OneShot::No);
            let registered = async move { every_quarter().set_trigger(trigger).register() };
            let task = runtime.block_on(runtime.spawn(registered)).unwrap().unwrap();
            assert_eq!(runtime.block_on(runtime.spawn_blocking(tasks)).unwrap().unwrap(), [task]);
        })
    });
    let tests: Vec<_> = tests.collect();
    tests.into_iter().for_each(|test| test.join().unwrap());
}

#[test]
fn a_runtime_that_two_tests_use_at_once_belongs_to_neither() {
    let runtime = Arc::new(multi_thread());
    let both_there = Arc::new(Barrier::new(2));
    let tests = [(), ()].map(|()| {
        let (runtime, both_there) = (Arc::clone(&runtime), Arc::clone(&both_there));
        thread::spawn(move || {
            let _inside = runtime.enter();
            let _broker = TestBroker::new(app(|_| Ok(()))).unwrap();
            both_there.wait();
            let refused = runtime.block_on(runtime.spawn_blocking(tasks)).unwrap().unwrap_err();
            assert!(
                refused.is_unreachable() && refused.way_out().unwrap().contains("TestBroker"),
                "{refused:?}"
            );
            both_there.wait();
        })
    });
    tests.into_iter().for_each(|test| test.join().unwrap());
}

/// A run that asks the broker, itself and on a task that it spawns.
struct Asks;

impl AsyncBackgroundTask for Asks {
    async fn run(&self, instance: &BackgroundTaskInstance) -> Result<(), TaskError> {
        tokio::task::yield_now().await;
        let own = tasks()?.len();
        let spawned = tokio::spawn(async { tasks() }).await??.len();
        instance.set_progress(u32::try_from(10 * own + spawned)?);
        Ok(())
    }
}

#[test]
fn a_run_on_the_apps_executor_asks_the_broker() {
    let package = TestPackage::new(FAMILY).server([CLASS], || {
        let runtime = multi_thread();
        let handle: Handle = runtime.handle().clone();
        let server = TaskServer::new()?;
        let spawn = move |run| drop(handle.spawn(run));
        server.register_async_class_object_on(CLASS, || Asks, ClassUse::Multiple, spawn)?;
        server.wait(IdlePolicy::AfterFirstCompletion)
    });
    let broker = TestBroker::new(package).unwrap();
    let task = every_quarter().register().unwrap();
    broker.fire(&task).unwrap();
    let entry = broker.run_to_completion(&task).unwrap();
    assert_eq!((&entry.outcome, entry.progress), (&Outcome::Completed.into(), Some(11)), "{entry:?}");
}
