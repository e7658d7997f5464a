//! Which thread sees which broker.

use std::thread;

use oncue::testing::{TestBroker, TestError, TestPackage};
use oncue::{BackgroundTaskRegistration, TimeTrigger};

use crate::app::{DAY, FAMILY, app, every_quarter};

#[test]
fn tests_in_one_process_do_not_see_each_other() {
    let triggers = ["every 15m", "every 30m", "every 45m", "every 1h"];
    let tests = (1..).zip(triggers).map(|(quarters, trigger)| {
        thread::spawn(move || {
            let broker = TestBroker::new(app(|_| Ok(()))).unwrap();
            let task =
                every_quarter().set_trigger(TimeTrigger::new(15 * quarters, false)).register().unwrap();
            let all = BackgroundTaskRegistration::all_tasks().unwrap();
            let triggers: Vec<_> = all.iter().map(BackgroundTaskRegistration::trigger).collect();
            assert_eq!((triggers, all[0].task_id()), (vec![trigger], task.task_id()));
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
    assert!(stranger.to_string().contains("no program of a test"), "{stranger}");
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
    assert_eq!(tool.history(None, None, 10).unwrap(), broker.ledger());
    assert!(tool.facts().unwrap().iter().all(|fact| fact.value.is_none()));
}
