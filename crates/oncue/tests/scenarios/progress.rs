//! Progress: a limited rate, always the last value, nothing after the end.

use std::sync::{Arc, Mutex};
use std::thread;

use oncue::{BackgroundTaskInstance, IdlePolicy, TaskError};

use super::fake_broker::{FIRST, FakeBroker, SECOND, Task, is_app, member, read, serve};

const LAST: u32 = 200_000;

#[test]
fn of_a_flood_the_last_value_arrives_before_the_end() {
    if is_app() {
        let task = |instance: &BackgroundTaskInstance| -> Result<(), TaskError> {
            (1..=LAST).for_each(|value| instance.set_progress(value));
            assert_eq!(instance.progress(), LAST);
            Ok(())
        };
        return serve(move || Task(task), IdlePolicy::AfterFirstCompletion).unwrap();
    }
    let broker = FakeBroker::with_app("progress::of_a_flood_the_last_value_arrives_before_the_end", &[]);
    let mut peer = broker.accept_server();
    peer.run(FIRST);
    peer.expect_entered(FIRST);
    let mut values = Vec::new();
    loop {
        let call = peer.next();
        if member(&call) == "Completed" {
            break;
        }
        let (instance, value) = read::<(String, u32)>(&call);
        assert_eq!(instance, FIRST);
        values.push(value);
    }
    assert_eq!(values.last(), Some(&LAST));
    assert!(values.is_sorted(), "{values:?}");
    assert!(values.len() < LAST as usize / 100, "{} messages", values.len());
    peer.leave(true);
    broker.app_succeeds();
}

#[test]
fn of_many_threads_the_value_that_stands_at_the_end_arrives_last() {
    if is_app() {
        let task = |instance: &BackgroundTaskInstance| -> Result<(), TaskError> {
            thread::scope(|scope| {
                for number in 0..8 {
                    let instance = instance.clone();
                    scope.spawn(move || {
                        (1..=10_000).for_each(|value| instance.set_progress(8 * value + number))
                    });
                }
            });
            Err(instance.progress().to_string().into())
        };
        return serve(move || Task(task), IdlePolicy::AfterFirstCompletion).unwrap();
    }
    let test = "progress::of_many_threads_the_value_that_stands_at_the_end_arrives_last";
    let broker = FakeBroker::with_app(test, &[]);
    let mut peer = broker.accept_server();
    peer.run(FIRST);
    peer.expect_entered(FIRST);
    let mut last = None;
    let ended = loop {
        let call = peer.next();
        if member(&call) == "Completed" {
            break read::<(String, Option<String>)>(&call).1;
        }
        last = Some(read::<(String, u32)>(&call).1.to_string());
    };
    assert_eq!(ended, last);
    peer.leave(true);
    broker.app_succeeds();
}

#[test]
fn after_the_end_progress_is_ignored() {
    if is_app() {
        let first: Arc<Mutex<Option<BackgroundTaskInstance>>> = Arc::default();
        let factory = move || {
            let first = Arc::clone(&first);
            Task(move |instance: &BackgroundTaskInstance| {
                match &*first.lock().unwrap() {
                    Some(first) => {
                        first.set_progress(5);
                        first.deferral().complete();
                    }
                    None => instance.set_progress(1),
                }
                *first.lock().unwrap() = Some(instance.clone());
                Ok(())
            })
        };
        return serve(factory, IdlePolicy::AfterFirstCompletion).unwrap();
    }
    let broker = FakeBroker::with_app("progress::after_the_end_progress_is_ignored", &[]);
    let mut peer = broker.accept_server();
    peer.run(FIRST);
    peer.expect_entered(FIRST);
    assert_eq!(read::<(String, u32)>(&peer.expect("SetProgress")), (FIRST.to_owned(), 1));
    peer.expect_completed(FIRST, None);
    peer.leave(false);
    peer.run(SECOND);
    peer.expect_entered(SECOND);
    peer.expect_completed(SECOND, None);
    peer.leave(true);
    broker.app_succeeds();
}
