//! Calls as futures: with a hand-made executor and with tokio, without blocking the thread that awaits them.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use oncue::{BackgroundTaskRegistration, Cancel, Error, TaskState};
use oncue_wire::{TaskInfo, Watched};

use super::fake_broker::{FakeBroker, TASK, is_app, read};
use super::registering::info;

/// The smallest executor: it polls a future whenever this thread is unparked.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unparks(Thread);

    impl Wake for Unparks {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unparks(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

/// Polls a future once.
async fn begin<F: Future>(future: &mut Pin<&mut F>) {
    let is_pending = poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await;
    assert!(is_pending);
}

/// Asks for the state twice, and awaits both answers on one thread. The broker answers the first question
/// only after it has received the second one.
async fn asks_twice_at_once() -> Result<(), Error> {
    let task = oncue::unblock(BackgroundTaskRegistration::all_tasks).await?.remove(0);
    let (first, second) = (task.unblock(|task| task.state()), task.unblock(|task| task.state()));
    let (mut first, mut second) = (pin!(first), pin!(second));
    begin(&mut first).await;
    begin(&mut second).await;
    assert_eq!(second.await?, TaskState::Held);
    assert_eq!(first.await?, TaskState::Held);
    Ok(())
}

fn answers_twice_at_once(test: &str) {
    let broker = FakeBroker::with_app(test, &[]);
    let mut peer = broker.accept();
    let call = peer.expect("Tasks");
    assert_eq!(read::<(Watched, String, u32)>(&call).0, Watched::Own);
    peer.answer(&call, &vec![info(TASK, "armed")]);
    let both = [peer.expect("Find"), peer.expect("Find")];
    both.iter().for_each(|call| peer.answer(call, &vec![info(TASK, "held")]));
    broker.app_succeeds();
}

#[test]
fn a_hand_made_executor_awaits_several_calls_on_one_thread() {
    if is_app() {
        return block_on(asks_twice_at_once()).unwrap();
    }
    answers_twice_at_once("unblocking::a_hand_made_executor_awaits_several_calls_on_one_thread");
}

#[test]
fn tokio_awaits_several_calls_on_one_thread() {
    if is_app() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        return runtime.block_on(runtime.spawn(asks_twice_at_once())).unwrap().unwrap();
    }
    answers_twice_at_once("unblocking::tokio_awaits_several_calls_on_one_thread");
}

#[test]
fn a_dropped_future_makes_its_call_if_it_was_polled_and_none_otherwise() {
    if is_app() {
        let task = BackgroundTaskRegistration::all_tasks().unwrap().remove(0);
        drop(task.unblock(|task| task.unregister(Cancel::Yes)));
        let (done, seen) = channel();
        let dropped = task.unblock(move |task| {
            let gone = task.unregister(Cancel::No);
            done.send(gone.is_ok()).unwrap();
            gone
        });
        block_on(async { begin(&mut pin!(dropped)).await });
        assert_eq!(seen.recv(), Ok(true));
        return;
    }
    let broker = FakeBroker::with_app(
        "unblocking::a_dropped_future_makes_its_call_if_it_was_polled_and_none_otherwise",
        &[],
    );
    let mut peer = broker.accept();
    let call = peer.expect("Tasks");
    peer.answer(&call, &vec![info(TASK, "armed")]);
    let call = peer.expect("Unregister");
    assert_eq!(read::<(String, bool)>(&call), (TASK.to_owned(), false));
    peer.answer(&call, &());
    broker.app_succeeds();
}

#[test]
fn more_calls_than_threads_wait_for_their_turn() {
    const MANY: usize = 100;
    if is_app() {
        let mut calls: Vec<_> =
            (0..MANY).map(|_| Box::pin(oncue::unblock(BackgroundTaskRegistration::all_tasks))).collect();
        let answers = block_on(async {
            for call in &mut calls {
                begin(&mut call.as_mut()).await;
            }
            let mut answers = 0;
            for call in calls {
                answers += call.await.unwrap().len();
            }
            answers
        });
        assert_eq!(answers, MANY);
        return;
    }
    let broker = FakeBroker::with_app("unblocking::more_calls_than_threads_wait_for_their_turn", &[]);
    let mut peer = broker.accept();
    for _ in 0..MANY {
        let call = peer.expect("Tasks");
        peer.answer(&call, &vec![info(TASK, "armed")]);
    }
    broker.app_succeeds();
}

#[test]
fn a_panic_of_a_call_reaches_the_one_who_awaits_it() {
    let panics = || -> Result<TaskInfo, Error> { panic!("it is odd") };
    let panic = catch_unwind(AssertUnwindSafe(|| block_on(oncue::unblock(panics)))).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"it is odd"));
}
