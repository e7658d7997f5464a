//! How a task server handles runs: deferrals, failures, cancellation, several at once.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::{Duration, SystemTime};

use oncue::{BackgroundTask, BackgroundTaskInstance, BackgroundTaskThrottleCounter, IdlePolicy, TaskError};
use oncue_wire::names::TOKEN_VARIABLE;

use super::fake_broker::{CLASS, FIRST, FakeBroker, SECOND, TASK, Task, is_app, read, serve};

const LEAVES: IdlePolicy = IdlePolicy::AfterFirstCompletion;

fn is_first(instance: &BackgroundTaskInstance) -> bool {
    instance.instance_id().to_string() == FIRST
}

#[test]
fn a_started_server_shows_its_token_and_its_class_without_waiting() {
    if is_app() {
        return serve(|| Task(|_: &_| Ok(())), LEAVES).unwrap();
    }
    let test = "running::a_started_server_shows_its_token_and_its_class_without_waiting";
    let broker = FakeBroker::with_app(test, &[(TOKEN_VARIABLE, "once")]);
    let mut peer = broker.accept();
    let hello = peer.expect("Hello");
    let class = peer.expect("RegisterClass");
    assert_eq!(read::<String>(&hello), "once");
    peer.answer(&hello, &"0.1.0");
    peer.answer(&class, &1_u32);
    peer.run(FIRST);
    peer.expect_entered(FIRST);
    peer.expect_completed(FIRST, None);
    peer.leave(true);
    broker.app_succeeds();
}

#[test]
fn a_run_knows_its_task_and_its_firing() {
    if is_app() {
        let task = |instance: &BackgroundTaskInstance| -> Result<(), TaskError> {
            assert_eq!(instance.task().name(), "SampleTask");
            assert_eq!(instance.task().task_id().to_string(), TASK);
            let details = instance.trigger_details();
            assert_eq!((details.trigger.to_string().as_str(), details.firings), ("every 15m", 3));
            assert_eq!(details.fired_at, SystemTime::UNIX_EPOCH + Duration::from_secs(1));
            assert_eq!((instance.progress(), instance.suspended_count()), (0, 0));
            assert_eq!(instance.throttle_count(BackgroundTaskThrottleCounter::Network), 0);
            Ok(())
        };
        return serve(move || Task(task), LEAVES).unwrap();
    }
    let broker = FakeBroker::with_app("running::a_run_knows_its_task_and_its_firing", &[]);
    let mut peer = broker.accept_server();
    peer.run(FIRST);
    peer.expect_entered(FIRST);
    peer.expect_completed(FIRST, None);
    peer.leave(true);
    broker.app_succeeds();
}

#[test]
fn a_run_stays_open_until_its_deferral_is_complete_on_another_thread() {
    /// Dropped after `run` has returned, together with the sender that shows it.
    struct Deferring {
        first_returns: Arc<Mutex<Option<Sender<()>>>>,
        first_returned: Arc<Mutex<Receiver<()>>>,
        tells: Mutex<Option<Sender<()>>>,
    }
    impl BackgroundTask for Deferring {
        fn run(&self, instance: &BackgroundTaskInstance) -> Result<(), TaskError> {
            if !is_first(instance) {
                // An error means that the sender is gone without having sent anything.
                assert!(self.first_returned.lock().unwrap().recv().is_err());
                return Ok(());
            }
            *self.tells.lock().unwrap() = self.first_returns.lock().unwrap().take();
            let deferral = Mutex::new(Some(instance.deferral()));
            instance.on_canceled(move |_, _| deferral.lock().unwrap().take().unwrap().complete());
            Ok(())
        }
    }
    if is_app() {
        let (sender, receiver) = channel();
        let (first_returns, first_returned) =
            (Arc::new(Mutex::new(Some(sender))), Arc::new(Mutex::new(receiver)));
        let factory = move || Deferring {
            first_returns: Arc::clone(&first_returns),
            first_returned: Arc::clone(&first_returned),
            tells: Mutex::new(None),
        };
        return serve(factory, LEAVES).unwrap();
    }
    let test = "running::a_run_stays_open_until_its_deferral_is_complete_on_another_thread";
    let broker = FakeBroker::with_app(test, &[]);
    let mut peer = broker.accept_server();
    peer.run(FIRST);
    peer.expect_entered(FIRST);
    peer.run(SECOND);
    peer.expect_entered(SECOND);
    // The second run ends after the first one's `run` has returned; the first run has not ended.
    peer.expect_completed(SECOND, None);
    peer.cancel(FIRST, 0);
    peer.expect_completed(FIRST, None);
    peer.leave(true);
    broker.app_succeeds();
}

#[test]
fn a_dropped_deferral_completes_too() {
    if is_app() {
        let task = |instance: &BackgroundTaskInstance| -> Result<(), TaskError> {
            let (early, late) = (instance.deferral(), instance.deferral());
            early.complete();
            thread::spawn(move || drop(late));
            Ok(())
        };
        return serve(move || Task(task), LEAVES).unwrap();
    }
    let broker = FakeBroker::with_app("running::a_dropped_deferral_completes_too", &[]);
    let mut peer = broker.accept_server();
    peer.run(FIRST);
    peer.expect_entered(FIRST);
    peer.expect_completed(FIRST, None);
    peer.leave(true);
    broker.app_succeeds();
}

#[test]
fn an_error_and_a_panic_fail_their_run_only() {
    if is_app() {
        let task = |instance: &BackgroundTaskInstance| -> Result<(), TaskError> {
            let _open = instance.deferral();
            if is_first(instance) { Err("the disk\0 is full".into()) } else { panic!("{} is odd", 3) }
        };
        return serve(move || Task(task), LEAVES).unwrap();
    }
    let broker = FakeBroker::with_app("running::an_error_and_a_panic_fail_their_run_only", &[]);
    let mut peer = broker.accept_server();
    peer.run(FIRST);
    peer.expect_entered(FIRST);
    peer.expect_completed(FIRST, Some("the disk\u{fffd} is full"));
    peer.leave(false);
    peer.run(SECOND);
    peer.expect_entered(SECOND);
    peer.expect_completed(SECOND, Some("panicked: 3 is odd"));
    peer.leave(true);
    broker.app_succeeds();
}

#[test]
fn a_cancellation_is_told_once() {
    if is_app() {
        let second_begins = Arc::new(Barrier::new(2));
        let task = move |instance: &BackgroundTaskInstance| -> Result<(), TaskError> {
            if !is_first(instance) {
                second_begins.wait();
                return Ok(());
            }
            let told = Arc::new(Mutex::new(Vec::new()));
            let telling = Arc::clone(&told);
            instance.on_canceled(move |_, reason| telling.lock().unwrap().push(reason));
            // By then both cancellations have been handled.
            second_begins.wait();
            assert_eq!(instance.cancellation().map(|reason| reason as u32), Some(6));
            // The handler is called by another thread, which may be about to do so.
            while told.lock().unwrap().is_empty() {
                thread::yield_now();
            }
            Err(format!("{:?}", told.lock().unwrap()).into())
        };
        let task = Arc::new(task);
        let factory = move || {
            let task = Arc::clone(&task);
            Task(move |instance: &_| task(instance))
        };
        return serve(factory, LEAVES).unwrap();
    }
    let broker = FakeBroker::with_app("running::a_cancellation_is_told_once", &[]);
    let mut peer = broker.accept_server();
    peer.run(FIRST);
    peer.expect_entered(FIRST);
    peer.cancel(FIRST, 6);
    peer.cancel(FIRST, 1);
    peer.run(SECOND);
    peer.expect_entered(SECOND);
    peer.expect_both_completed(Some("[ConditionLoss]"), None);
    peer.leave(true);
    broker.app_succeeds();
}

#[test]
fn a_handler_attached_late_is_told_at_once() {
    if is_app() {
        let task = |instance: &BackgroundTaskInstance| -> Result<(), TaskError> {
            let (sender, told) = channel();
            instance.on_canceled(move |_, _| sender.send(()).unwrap());
            told.recv()?;
            assert!(instance.is_canceled());
            let here = thread::current().id();
            let (sender, told) = channel();
            instance.on_canceled(move |_, reason| {
                assert_eq!(thread::current().id(), here);
                sender.send(reason).unwrap();
            });
            Err(format!("{:?}", told.try_recv()?).into())
        };
        return serve(move || Task(task), LEAVES).unwrap();
    }
    let broker = FakeBroker::with_app("running::a_handler_attached_late_is_told_at_once", &[]);
    let mut peer = broker.accept_server();
    peer.run(FIRST);
    peer.expect_entered(FIRST);
    peer.cancel(FIRST, 11);
    peer.expect_completed(FIRST, Some("EnergySaver"));
    peer.leave(true);
    broker.app_succeeds();
}

#[test]
fn two_runs_at_once_run_on_one_server() {
    if is_app() {
        let both = Arc::new(Barrier::new(2));
        let factory = move || {
            let both = Arc::clone(&both);
            Task(move |_: &_| {
                both.wait();
                Ok(())
            })
        };
        return serve(factory, LEAVES).unwrap();
    }
    let broker = FakeBroker::with_app("running::two_runs_at_once_run_on_one_server", &[]);
    let mut peer = broker.accept_server();
    peer.run(FIRST);
    peer.expect_entered(FIRST);
    peer.run(SECOND);
    peer.expect_entered(SECOND);
    peer.expect_both_completed(None, None);
    peer.leave(true);
    broker.app_succeeds();
}

#[test]
fn a_class_that_is_not_offered_fails_its_run() {
    if is_app() {
        // The test ends first.
        let _ = serve(|| Task(|_: &_| Ok(())), IdlePolicy::Never);
        return;
    }
    let broker = FakeBroker::with_app("running::a_class_that_is_not_offered_fails_its_run", &[]);
    let mut peer = broker.accept_server();
    let other = CLASS.to_string().replace("14c5", "15c5");
    peer.run_class(FIRST, &other);
    peer.expect_completed(FIRST, Some(&format!("this task server has no class {other}")));
}
