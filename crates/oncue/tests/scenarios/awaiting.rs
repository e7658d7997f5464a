//! Asynchronous tasks: on the run's own thread, and on an executor.

use std::future::{pending, poll_fn, ready};
use std::pin::{Pin, pin};
use std::sync::mpsc::channel;
use std::task::Poll;
use std::thread;

use oncue::{
    AsyncBackgroundTask, BackgroundTaskInstance, Canceled, ClassUse, IdlePolicy, RunFuture, TaskError,
    TaskServer,
};

use super::fake_broker::{CLASS, FIRST, FakeBroker, Peer, SECOND, is_app, read};

/// What a task does; otherwise the tests' parts are the same.
#[derive(Clone, Copy)]
enum Does {
    Completes,
    Fails,
    Panics,
    WaitsForCancel,
    DropsItsWork,
    Defers,
}

struct Task(Does);

impl AsyncBackgroundTask for Task {
    async fn run(&self, instance: &BackgroundTaskInstance) -> Result<(), TaskError> {
        woken_by_another_thread().await;
        match self.0 {
            Does::Completes => instance.set_progress(7),
            Does::Fails => return Err("the disk is full".into()),
            Does::Panics => panic!("{} is odd", 3),
            Does::WaitsForCancel => {
                let reason = instance.canceled().await;
                assert_eq!(instance.canceled().await, reason);
                return Err(format!("{reason:?}").into());
            }
            Does::DropsItsWork => {
                let done = instance.unless_canceled(ready(3)).await;
                assert_eq!(done, Ok(3));
                let (held, dropped) = channel::<()>();
                let work = async move {
                    pending::<()>().await;
                    drop(held);
                };
                let reason = instance.unless_canceled(work).await.unwrap_err();
                assert!(dropped.recv().is_err(), "the work is dropped, and says so by its sender");
                return Err(format!("{reason:?}").into());
            }
            Does::Defers => {
                let (deferral, clone) = (instance.deferral(), instance.clone());
                thread::spawn(move || {
                    clone.set_progress(8);
                    deferral.complete();
                });
            }
        }
        Ok(())
    }
}

/// Is pending once, and is woken by a thread without an executor.
async fn woken_by_another_thread() {
    let mut begun = false;
    poll_fn(|context| {
        if begun {
            return Poll::Ready(());
        }
        begun = true;
        let waker = context.waker().clone();
        thread::spawn(move || waker.wake());
        Poll::Pending
    })
    .await;
}

/// The app's half, twice: awaited on threads, or by an executor with one thread.
fn serve(does: Does) {
    let server = TaskServer::new().unwrap();
    let on_executor = std::env::var_os("ONCUE_TEST_EXECUTOR").is_some();
    if on_executor {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let handle = runtime.handle().clone();
        thread::spawn(move || runtime.block_on(pending::<()>()));
        let spawn = move |run: RunFuture| drop(handle.spawn(run));
        server.register_async_class_object_on(CLASS, move || Task(does), ClassUse::Multiple, spawn).unwrap();
    } else {
        server.register_async_class_object(CLASS, move || Task(does), ClassUse::Multiple).unwrap();
    }
    server.wait(IdlePolicy::AfterFirstCompletion).unwrap();
}

/// The test's half, twice: `plays` is what the broker does with a run that has been entered.
fn both_ways(test: &str, plays: impl Fn(&mut Peer)) {
    let test = format!("awaiting::{test}");
    for environment in [&[][..], &[("ONCUE_TEST_EXECUTOR", "1")]] {
        let broker = FakeBroker::with_app(&test, environment);
        let mut peer = broker.accept_server();
        peer.run(FIRST);
        peer.expect_entered(FIRST);
        plays(&mut peer);
        peer.leave(true);
        broker.app_succeeds();
    }
}

#[test]
fn a_future_is_awaited_to_its_end() {
    if is_app() {
        return serve(Does::Completes);
    }
    both_ways("a_future_is_awaited_to_its_end", |peer| {
        assert_eq!(read::<(String, u32)>(&peer.expect("SetProgress")), (FIRST.to_owned(), 7));
        peer.expect_completed(FIRST, None);
    });
}

#[test]
fn a_future_that_fails_fails_its_run() {
    if is_app() {
        return serve(Does::Fails);
    }
    both_ways("a_future_that_fails_fails_its_run", |peer| {
        peer.expect_completed(FIRST, Some("the disk is full"));
    });
}

#[test]
fn a_panic_inside_a_future_fails_its_run_only() {
    if is_app() {
        return serve(Does::Panics);
    }
    both_ways("a_panic_inside_a_future_fails_its_run_only", |peer| {
        peer.expect_completed(FIRST, Some("panicked: 3 is odd"));
        peer.leave(false);
        peer.run(SECOND);
        peer.expect_entered(SECOND);
        peer.expect_completed(SECOND, Some("panicked: 3 is odd"));
    });
}

#[test]
fn a_cancellation_can_be_awaited_also_after_it_has_come() {
    if is_app() {
        return serve(Does::WaitsForCancel);
    }
    both_ways("a_cancellation_can_be_awaited_also_after_it_has_come", |peer| {
        peer.cancel(FIRST, 6);
        peer.expect_completed(FIRST, Some("ConditionLoss"));
    });
}

#[test]
fn a_cancellation_drops_the_work_beside_it() {
    if is_app() {
        return serve(Does::DropsItsWork);
    }
    both_ways("a_cancellation_drops_the_work_beside_it", |peer| {
        peer.cancel(FIRST, 11);
        peer.expect_completed(FIRST, Some("EnergySaver"));
    });
}

#[test]
fn a_deferral_keeps_a_run_open_after_its_future_has_ended() {
    if is_app() {
        return serve(Does::Defers);
    }
    both_ways("a_deferral_keeps_a_run_open_after_its_future_has_ended", |peer| {
        assert_eq!(read::<(String, u32)>(&peer.expect("SetProgress")), (FIRST.to_owned(), 8));
        peer.expect_completed(FIRST, None);
    });
}

#[test]
fn an_executor_that_drops_a_future_fails_its_run() {
    if is_app() {
        let server = TaskServer::new().unwrap();
        let task = || Task(Does::Completes);
        server.register_async_class_object_on(CLASS, task, ClassUse::Multiple, drop::<RunFuture>).unwrap();
        return server.wait(IdlePolicy::AfterFirstCompletion).unwrap();
    }
    let broker = FakeBroker::with_app("awaiting::an_executor_that_drops_a_future_fails_its_run", &[]);
    let mut peer = broker.accept_server();
    peer.run(FIRST);
    peer.expect_entered(FIRST);
    peer.expect_completed(FIRST, Some("the executor dropped the task before it had ended"));
    peer.leave(true);
    broker.app_succeeds();
}

/// Awaits its cancellation in one place, and has stopped awaiting it in many others.
struct Forgets;

impl AsyncBackgroundTask for Forgets {
    async fn run(&self, instance: &BackgroundTaskInstance) -> Result<(), TaskError> {
        let mut first = pin!(instance.canceled());
        assert!(is_pending(first.as_mut()).await);
        for _ in 0..1_000 {
            assert!(is_pending(pin!(instance.canceled())).await);
        }
        instance.set_progress(1_000);
        let reason = first.await;
        Err(format!("{reason:?}").into())
    }
}

async fn is_pending(mut future: Pin<&mut Canceled>) -> bool {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await
}

#[test]
fn who_gave_up_awaiting_a_cancellation_takes_nothing_from_who_has_not() {
    if is_app() {
        let server = TaskServer::new().unwrap();
        server.register_async_class_object(CLASS, || Forgets, ClassUse::Multiple).unwrap();
        return server.wait(IdlePolicy::AfterFirstCompletion).unwrap();
    }
    let test = "awaiting::who_gave_up_awaiting_a_cancellation_takes_nothing_from_who_has_not";
    let broker = FakeBroker::with_app(test, &[]);
    let mut peer = broker.accept_server();
    peer.run(FIRST);
    peer.expect_entered(FIRST);
    assert_eq!(read::<(String, u32)>(&peer.expect("SetProgress")), (FIRST.to_owned(), 1_000));
    peer.cancel(FIRST, 0);
    peer.expect_completed(FIRST, Some("Abort"));
    peer.leave(true);
    broker.app_succeeds();
}
