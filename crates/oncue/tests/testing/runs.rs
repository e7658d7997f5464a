//! Runs are held, cancelled, killed, and reported.

use std::sync::mpsc::{TryRecvError, channel};
use std::time::Duration;

use oncue::testing::{Fact, TestBroker};
use oncue::{
    BackgroundAccessStatus, BackgroundExecutionManager, BackgroundTaskCancellationReason as Reason, Exit,
    Force, Outcome, RequestResult, SystemCondition, SystemConditionType, TaskState,
};

use crate::app::{Gate, QUARTER, app, every_quarter, outcomes, waits};

#[test]
fn a_condition_holds_the_task_until_a_fact_is_pinned() {
    let broker = TestBroker::new(app(|_| Ok(()))).unwrap();
    let internet = SystemCondition::new(SystemConditionType::InternetAvailable);
    let task = every_quarter().add_condition(internet).register().unwrap();
    broker.advance(3 * QUARTER).unwrap();
    assert_eq!(broker.state(&task), Some(TaskState::Held));
    assert_eq!(broker.why(&task), ["internet"]);
    broker.pin(Fact::Internet, true).unwrap();
    let ledger = broker.ledger();
    assert_eq!(
        outcomes(&ledger),
        [(Outcome::Coalesced, 2), (Outcome::Completed, 3)],
        "one run stands for all firings"
    );
    assert_eq!(broker.state(&task), Some(TaskState::Armed));
    assert!(broker.why(&task).is_empty());
}

#[test]
fn a_lost_condition_cancels_a_run() {
    let (_gate, package) = waits();
    let broker = TestBroker::new(package).unwrap();
    let internet = SystemCondition::new(SystemConditionType::InternetAvailable);
    let task = every_quarter().add_condition(internet).set_cancel_on_condition_loss(true).register().unwrap();
    broker.takes_time(&task);
    broker.pin(Fact::Internet, true).unwrap();
    broker.fire(&task).unwrap();
    assert_eq!(broker.state(&task), Some(TaskState::Running));
    broker.pin(Fact::Internet, false).unwrap();
    let end = broker.run_to_completion(&task).unwrap();
    assert_eq!((end.outcome, end.reason), (Outcome::Cancelled.into(), Some(Reason::ConditionLoss)));
}

#[test]
fn a_cancelled_run_ends_within_its_grace() {
    let (_gate, package) = waits();
    let broker = TestBroker::new(package).unwrap();
    let task = every_quarter().register().unwrap();
    broker.takes_time(&task);
    broker.fire(&task).unwrap();
    broker.cancel(&task, Reason::Abort).unwrap();
    let end = broker.run_to_completion(&task).unwrap();
    assert_eq!((end.outcome, end.reason), (Outcome::Cancelled.into(), Some(Reason::Abort)));
}

#[test]
fn a_run_that_ignores_its_cancellation_is_killed_when_its_grace_is_over() {
    let gate = Gate::default();
    let passed = gate.clone();
    let broker = TestBroker::new(app(move |instance| {
        let number = passed.arrive();
        instance.set_progress(number);
        passed.wait(number, || false);
        Ok(())
    }))
    .unwrap();
    let task = every_quarter().set_grace(Duration::from_secs(7)).register().unwrap();
    broker.takes_time(&task);
    broker.fire(&task).unwrap();
    broker.wait_until("the first run waits", |broker| broker.progress(&task) == Some(1)).unwrap();
    broker.cancel(&task, Reason::IdleTask).unwrap();
    broker.advance(Duration::from_secs(6)).unwrap();
    assert_eq!(broker.state(&task), Some(TaskState::Cancelling));
    broker.advance(Duration::from_secs(1)).unwrap();
    let ledger = broker.ledger();
    assert_eq!(outcomes(&ledger), [(Outcome::Killed, 1)]);
    assert_eq!(ledger[0].exit_status, Some(Exit::Signal(9)));
    // Messages of the thread that could not be killed are ignored.
    gate.open_for(1);
    broker.fire(&task).unwrap();
    broker.wait_until("the second run waits", |broker| broker.progress(&task) == Some(2)).unwrap();
    assert_eq!(outcomes(&broker.ledger()), [(Outcome::Killed, 1)]);
    gate.open_for(2);
}

#[test]
fn the_user_may_deny_a_package() {
    let broker = TestBroker::new(app(|_| Ok(()))).unwrap();
    let task = every_quarter().register().unwrap();
    let allowed = BackgroundExecutionManager::request_access().unwrap();
    assert_eq!(allowed, BackgroundAccessStatus::AllowedSubjectToSystemPolicy);
    broker.set_access(oncue::tools::Access::Denied).unwrap();
    assert_eq!(BackgroundExecutionManager::request_access().unwrap(), BackgroundAccessStatus::DeniedByUser);
    assert_eq!(task.request(Force::Yes).unwrap(), RequestResult::Held);
    assert_eq!(broker.why(&task), ["denied"]);
}

#[test]
fn progress_can_be_waited_for() {
    let gate = Gate::default();
    let passed = gate.clone();
    let broker = TestBroker::new(app(move |instance| {
        instance.set_progress(10);
        passed.pass(instance);
        Ok(())
    }))
    .unwrap();
    let task = every_quarter().register().unwrap();
    broker.takes_time(&task);
    broker.fire(&task).unwrap();
    broker.wait_until("it has begun", |broker| broker.progress(&task) == Some(10)).unwrap();
    gate.open_for(1);
    assert_eq!(broker.run_to_completion(&task).unwrap().progress, Some(10));
}

#[test]
fn handlers_have_been_told_when_a_verb_returns() {
    let broker = TestBroker::new(app(|instance| {
        instance.set_progress(42);
        Err("the disk is full".into())
    }))
    .unwrap();
    let task = every_quarter().register().unwrap();
    let (sender, progress) = channel();
    let _progress = task.on_progress(move |_, args| sender.send(args.progress()).unwrap()).unwrap();
    let (sender, ended) = channel();
    let completed = task.on_completed(move |task, args| {
        // A handler can ask the broker, which is the test's.
        let state = task.state().unwrap();
        sender.send((args.check_result().unwrap_err().to_string(), state)).unwrap();
    });
    completed.unwrap().keep();
    broker.advance(QUARTER).unwrap();
    assert_eq!(progress.try_recv(), Ok(42));
    let (error, state) = ended.try_recv().unwrap();
    assert!(error.contains("the disk is full"), "{error}");
    assert_eq!(state, TaskState::Armed);

    broker.reboot(Duration::ZERO).unwrap();
    broker.advance(QUARTER).unwrap();
    assert!(ended.try_recv().is_err(), "a program that starts anew attaches its handlers again");
}

#[test]
fn a_listener_listens_until_it_is_dropped_or_for_good_if_it_is_kept() {
    let broker = TestBroker::new(app(|_| Ok(()))).unwrap();
    let task = every_quarter().register().unwrap();
    let listen = || {
        let (sender, ended) = channel();
        (task.on_completed(move |_, args| sender.send(args.outcome().clone()).unwrap()).unwrap(), ended)
    };
    let ((dropped, of_dropped), (kept, of_kept)) = (listen(), listen());
    let token = kept.keep();
    broker.advance(QUARTER).unwrap();
    assert_eq!(
        (of_dropped.try_recv(), of_kept.try_recv()),
        (Ok(Outcome::Completed.into()), Ok(Outcome::Completed.into()))
    );

    // A thread of nobody's: the listener knows the program that listens.
    std::thread::spawn(move || drop(dropped)).join().unwrap();
    broker.advance(QUARTER).unwrap();
    assert_eq!(of_dropped.try_recv(), Err(TryRecvError::Disconnected), "the handler is gone with it");
    assert_eq!(of_kept.try_recv(), Ok(Outcome::Completed.into()));

    assert!(task.remove_handler(token));
    broker.advance(QUARTER).unwrap();
    assert_eq!(of_kept.try_recv(), Err(TryRecvError::Disconnected));
}

#[test]
fn a_run_that_should_end_and_does_not_is_named() {
    let (_gate, package) = waits();
    let mut broker = TestBroker::new(package).unwrap();
    broker.set_patience(Duration::from_millis(50));
    let task = every_quarter().register().unwrap();
    let error = broker.fire(&task).unwrap_err().to_string();
    assert!(error.contains("a run of `Sample` has not ended") && error.contains("takes_time"), "{error}");
}
