//! The machine sleeps, reboots and loses power.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use oncue::testing::{Fact, SessionEnd, TestBroker, TestError, TestPackage};
use oncue::{
    BackgroundTaskCancellationReason as Reason, BackgroundTaskRegistration, Exit, Force, IdlePolicy,
    MissedFirings, OneShot, Outcome, RequestResult, SystemCondition, SystemConditionType, TaskState,
    TimeTrigger,
};

use crate::app::{CLASS, DAY, FAMILY, MINUTE, QUARTER, app, app_that_leaves, every_quarter, outcomes, waits};

#[test]
fn after_sleep_one_run_stands_for_many_firings() {
    let broker = TestBroker::new(app(|_| Ok(()))).unwrap();
    let task = every_quarter().register().unwrap();
    let mut skips = every_quarter();
    let skips = skips.set_missed_firings(MissedFirings::Skip).set_name("Skips").register().unwrap();
    broker.sleep().unwrap();
    assert!(matches!(broker.fire(&task), Err(TestError::Asleep)));
    assert!(task.request(Force::No).unwrap_err().to_string().contains("asleep"));
    broker.resume(4 * QUARTER + 5 * MINUTE).unwrap();
    assert_eq!(outcomes(&broker.ledger_of(&task)), [(Outcome::Coalesced, 3), (Outcome::Completed, 4)]);
    assert_eq!(outcomes(&broker.ledger_of(&skips)).last(), Some(&(Outcome::Skipped, 4)));
    assert!(matches!(broker.resume(MINUTE), Err(TestError::Awake)));
}

#[test]
fn what_a_run_says_while_the_machine_sleeps_is_heard_when_it_wakes() {
    let (gate, package) = waits();
    let broker = TestBroker::new(package).unwrap();
    let task = every_quarter().register().unwrap();
    broker.takes_time(&task);
    broker.fire(&task).unwrap();
    broker.sleep().unwrap();
    gate.open_for(1);
    assert!(broker.ledger().is_empty());
    broker.resume(MINUTE).unwrap();
    assert_eq!(broker.run_to_completion(&task).unwrap().outcome, Outcome::Completed);
}

#[test]
fn a_reboot_keeps_registrations_and_loses_runs() {
    let (_gate, package) = waits();
    let broker = TestBroker::new(package).unwrap();
    let task = every_quarter().register().unwrap();
    broker.pin(Fact::Internet, true).unwrap();
    broker.takes_time(&task);
    broker.fire(&task).unwrap();
    broker.reboot(MINUTE).unwrap();
    assert_eq!(outcomes(&broker.ledger()), [(Outcome::Lost, 1)]);
    assert_eq!(broker.ledger()[0].message.as_deref(), Some("the broker ended before the run did"));
    assert_eq!(BackgroundTaskRegistration::all_tasks().unwrap(), std::slice::from_ref(&task));
    broker.advance(13 * MINUTE).unwrap();
    assert_eq!(broker.state(&task), Some(TaskState::Armed));
    broker.advance(MINUTE).unwrap();
    assert_eq!(broker.state(&task), Some(TaskState::Running), "the wall clock keeps the rhythm");
}

#[test]
fn a_reboot_runs_again_what_no_server_had_entered() {
    let broker = TestBroker::new(TestPackage::new(FAMILY).silent_server([CLASS])).unwrap();
    let mut task = every_quarter();
    let task =
        task.add_condition(SystemCondition::new(SystemConditionType::InternetAvailable)).register().unwrap();
    broker.pin(Fact::Internet, false).unwrap();
    broker.advance(2 * QUARTER).unwrap();
    broker.pin(Fact::Internet, true).unwrap();
    assert_eq!(broker.state(&task), Some(TaskState::Activating));
    broker.reboot(MINUTE).unwrap();
    assert_eq!(broker.state(&task), Some(TaskState::Activating));
    assert_eq!(outcomes(&broker.ledger()), [(Outcome::Coalesced, 1)]);
    assert_eq!(broker.info(&task).unwrap().last, None, "what joined another firing is no run");
}

#[test]
fn firings_missed_while_the_machine_was_off_run_once() {
    let broker = TestBroker::new(app(|_| Ok(()))).unwrap();
    let task = every_quarter().register().unwrap();
    broker.reboot(DAY).unwrap();
    assert_eq!(outcomes(&broker.ledger_of(&task)), [(Outcome::Coalesced, 95), (Outcome::Completed, 96)]);
}

#[test]
fn a_loss_of_power_never_takes_back_a_registration_that_was_answered() {
    let broker = TestBroker::new(app(|_| Ok(()))).unwrap();
    let task = every_quarter().register().unwrap();
    broker.lose_power(MINUTE).unwrap();
    assert_eq!(BackgroundTaskRegistration::all_tasks().unwrap(), std::slice::from_ref(&task));
    broker.advance(14 * MINUTE).unwrap();
    assert_eq!(outcomes(&broker.ledger_of(&task)), [(Outcome::Completed, 1)]);
}

#[test]
fn a_loss_of_power_takes_back_what_nobody_was_told_so_that_it_runs_again() {
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let package = app_that_leaves(IdlePolicy::Never, move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok(())
    });
    let broker = TestBroker::new(package).unwrap();
    let task = every_quarter().register().unwrap();
    // The server is running, so nobody is answered between the firing and the run.
    broker.fire(&task).unwrap();
    broker.takes_time(&task);
    broker.advance(QUARTER).unwrap();
    broker.wait_until_idle().unwrap();
    assert_eq!(runs.load(Ordering::Relaxed), 2);
    broker.lose_power(MINUTE).unwrap();
    broker.wait_until_idle().unwrap();
    assert_eq!(runs.load(Ordering::Relaxed), 2);
    assert_eq!(
        outcomes(&broker.ledger()),
        [(Outcome::Completed, 1), (Outcome::Lost, 1)],
        "its end is what nobody knew"
    );
}

#[test]
fn what_the_test_has_read_is_not_taken_back() {
    let broker = TestBroker::new(app(|_| Ok(()))).unwrap();
    every_quarter().register().unwrap();
    broker.advance(QUARTER).unwrap();
    let before = broker.ledger();
    broker.lose_power(Duration::ZERO).unwrap();
    assert_eq!(broker.ledger(), before);
}

#[test]
fn the_end_of_the_session_cancels_what_runs_and_begins_nothing() {
    let (_gate, package) = waits();
    let broker = TestBroker::new(package).unwrap();
    let task = every_quarter().register().unwrap();
    broker.takes_time(&task);
    broker.fire(&task).unwrap();
    broker.end_session(SessionEnd::LogOff, Duration::from_secs(2)).unwrap();
    let end = broker.run_to_completion(&task).unwrap();
    assert_eq!((end.outcome, end.reason), (Outcome::Cancelled.into(), Some(Reason::LoggingOff)));
    assert_eq!(broker.fire(&task).unwrap(), RequestResult::Held);
    broker.reboot(MINUTE).unwrap();
    assert_eq!(broker.state(&task), Some(TaskState::Running), "what was held runs after it");
}

#[test]
fn a_server_does_not_become_idle_by_sleeping() {
    let package = app_that_leaves(IdlePolicy::Idle(20 * MINUTE), |_| Ok(()));
    let broker = TestBroker::new(package).unwrap();
    let task = every_quarter().set_trigger(TimeTrigger::new(600, OneShot::No)).register().unwrap();
    broker.fire(&task).unwrap();
    broker.sleep().unwrap();
    broker.resume(30 * MINUTE).unwrap();
    broker.crash_server(&task, Exit::Code(1)).unwrap();

    broker.fire(&task).unwrap();
    broker.advance(20 * MINUTE).unwrap();
    assert!(matches!(broker.crash_server(&task, Exit::Code(1)), Err(TestError::NoServer { .. })));
}
