//! Time passes only on the test's clock, and everything happens when it is due.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use oncue::testing::{TestBroker, TestPackage};
use oncue::{
    BackgroundTaskInstance, Cancel, ClassUse, IdlePolicy, OneShot, Outcome, Retry, TaskServer, TaskState,
    TimeTrigger,
};

use crate::app::{CLASS, DAY, FAMILY, MINUTE, QUARTER, Task, app, every_quarter, outcomes};

#[test]
fn a_time_trigger_fires_after_its_minutes_and_no_earlier() {
    let broker = TestBroker::new(app(|_| Ok(()))).unwrap();
    let task = every_quarter().register().unwrap();
    let begin = broker.now();
    broker.advance(QUARTER - Duration::from_secs(1)).unwrap();
    assert!(broker.ledger().is_empty());
    broker.advance(Duration::from_secs(1)).unwrap();
    assert_eq!(outcomes(&broker.ledger()), [(Outcome::Completed, 1)]);
    assert_eq!(broker.now(), begin + QUARTER);
    assert_eq!(broker.next_firing(&task), Some(begin + 2 * QUARTER));
    broker.advance(DAY).unwrap();
    assert_eq!(broker.ledger().len(), 1 + 96, "each run takes no time");
}

#[test]
fn a_task_knows_when_it_fired() {
    let (sender, told) = channel();
    let sender = Mutex::new(sender);
    let broker = TestBroker::new(app(move |instance| {
        Ok(sender.lock().unwrap().send(instance.trigger_details().clone())?)
    }));
    let broker = broker.unwrap();
    every_quarter().register().unwrap();
    let begin = broker.now();
    broker.advance(QUARTER).unwrap();
    let details = told.try_recv().unwrap();
    assert_eq!((details.fired_at, details.firings), (begin + QUARTER, 1));
    assert_eq!(details.trigger.to_string(), "every 15m");
}

#[test]
fn retries_come_by_the_virtual_clock() {
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let broker = TestBroker::new(app(move |_| match counted.fetch_add(1, Ordering::Relaxed) {
        0 | 1 => Err("not yet".into()),
        _ => Ok(()),
    }))
    .unwrap();
    let retry = Retry::exponential(MINUTE, 5);
    let task = every_quarter().set_retry(retry).register().unwrap();
    broker.fire(&task).unwrap();
    assert_eq!(runs.load(Ordering::Relaxed), 1);
    broker.advance(5 * MINUTE).unwrap();
    assert_eq!(
        outcomes(&broker.ledger()),
        [(Outcome::Failed, 1), (Outcome::Failed, 1), (Outcome::Completed, 1)]
    );
}

#[test]
fn an_idle_server_leaves_by_the_virtual_clock() {
    let starts = Arc::new(AtomicU32::new(0));
    let serving = {
        let starts = Arc::clone(&starts);
        TestPackage::new(FAMILY).server([CLASS], move || {
            starts.fetch_add(1, Ordering::Relaxed);
            let server = TaskServer::new()?;
            server.register_class_object(
                CLASS,
                || Task(|_: &BackgroundTaskInstance| Ok(())),
                ClassUse::Multiple,
            )?;
            server.wait(IdlePolicy::Idle(20 * MINUTE))
        })
    };
    let broker = TestBroker::new(serving).unwrap();
    let task = every_quarter().register().unwrap();
    broker.advance(4 * QUARTER).unwrap();
    assert_eq!((broker.ledger().len(), starts.load(Ordering::Relaxed)), (4, 1));
    task.unregister(Cancel::No).unwrap();
    let mut seldom = every_quarter();
    seldom.set_trigger(TimeTrigger::new(30, OneShot::No)).register().unwrap();
    broker.advance(DAY).unwrap();
    assert_eq!((broker.ledger().len(), starts.load(Ordering::Relaxed)), (4 + 48, 1 + 48));
}

#[test]
fn a_server_that_never_offers_its_class_has_30_seconds() {
    let broker = TestBroker::new(TestPackage::new(FAMILY).silent_server([CLASS])).unwrap();
    let task = every_quarter().register().unwrap();
    broker.fire(&task).unwrap();
    broker.advance(Duration::from_secs(29)).unwrap();
    assert_eq!(broker.state(&task), Some(TaskState::Activating));
    broker.advance(Duration::from_secs(1)).unwrap();
    assert_eq!(outcomes(&broker.ledger()), [(Outcome::NotActivated, 1)]);
}
