//! How a task server leaves: when its policy and the broker agree, or when the broker is gone.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use oncue::{
    BackgroundTaskCancellationReason, BackgroundTaskInstance, ClassUse, Code, Guid, IdlePolicy, TaskServer,
};

use super::fake_broker::{CLASS, FIRST, FakeBroker, SECOND, Task, is_app, member, read, serve};

/// Another class of the app.
const OTHER: Guid = Guid::from_u128(0x14c5882b_35d3_41be_86b2_5106269b97e7);

#[test]
fn a_server_that_may_not_leave_serves_on() {
    if is_app() {
        return serve(|| Task(|_: &_| Ok(())), IdlePolicy::AfterFirstCompletion).unwrap();
    }
    let broker = FakeBroker::with_app("leaving::a_server_that_may_not_leave_serves_on", &[]);
    let mut peer = broker.accept_server();
    for (instance, may) in [(FIRST, false), (SECOND, true)] {
        peer.run(instance);
        peer.expect_entered(instance);
        peer.expect_completed(instance, None);
        peer.leave(may);
    }
    broker.app_succeeds();
}

#[test]
fn an_idle_server_asks_to_leave() {
    if is_app() {
        return serve(|| Task(|_: &_| Ok(())), IdlePolicy::Idle(Duration::ZERO)).unwrap();
    }
    let broker = FakeBroker::with_app("leaving::an_idle_server_asks_to_leave", &[]);
    let mut peer = broker.accept_server();
    peer.leave(true);
    broker.app_succeeds();
}

#[test]
fn a_server_whose_broker_vanished_cancels_its_runs_and_returns() {
    if is_app() {
        let (sender, reasons) = channel();
        let sender: Arc<Mutex<Sender<BackgroundTaskCancellationReason>>> = Arc::new(Mutex::new(sender));
        let factory = move || {
            let sender = Arc::clone(&sender);
            Task(move |instance: &BackgroundTaskInstance| {
                let (told, telling) = channel();
                instance.on_canceled(move |_, reason| told.send(reason).unwrap());
                sender.lock().unwrap().send(telling.recv()?)?;
                Ok(())
            })
        };
        let error = serve(factory, IdlePolicy::Never).unwrap_err();
        assert!(error.is_unreachable(), "{error}");
        // The run had its time to end before the wait returned.
        assert_eq!(reasons.try_recv(), Ok(BackgroundTaskCancellationReason::Terminating));
        return;
    }
    let test = "leaving::a_server_whose_broker_vanished_cancels_its_runs_and_returns";
    let broker = FakeBroker::with_app(test, &[]);
    let mut peer = broker.accept_server();
    peer.run(FIRST);
    peer.expect_entered(FIRST);
    broker.vanishes_and_app_succeeds(peer);
}

#[test]
fn a_class_object_is_revoked_once() {
    if is_app() {
        let server = TaskServer::new().unwrap();
        let task = || Task(|_: &_| Ok(()));
        let cookie = server.register_class_object(CLASS, task, ClassUse::Multiple).unwrap();
        server.revoke_class_object(cookie).unwrap();
        let error = server.revoke_class_object(cookie).unwrap_err();
        assert!(error.is_invalid_argument(), "{error}");
        return;
    }
    let broker = FakeBroker::with_app("leaving::a_class_object_is_revoked_once", &[]);
    let mut peer = broker.accept_server();
    let call = peer.expect("RevokeClass");
    assert_eq!(read::<u32>(&call), 7);
    peer.answer(&call, &());
    broker.app_succeeds();
}

#[test]
fn a_class_that_the_manifest_lacks_is_refused() {
    if is_app() {
        let server = TaskServer::new().unwrap();
        let task = || Task(|_: &_| Ok(()));
        let error = server.register_class_object(CLASS, task, ClassUse::Single).unwrap_err();
        assert!(error.is_refused() && error.is_class_not_declared() && !error.is_no_identity());
        assert_eq!(error.hresult(), 0x8004_0154);
        assert_eq!(error.to_string(), "no such class");
        assert_eq!(error.way_out(), Some("declare it"));
        return;
    }
    let broker = FakeBroker::with_app("leaving::a_class_that_the_manifest_lacks_is_refused", &[]);
    let mut peer = broker.accept();
    let call = peer.expect("RegisterClass");
    assert_eq!(read::<(String, bool)>(&call), (CLASS.to_string(), true));
    peer.refuse(&call, Code::ClassNotDeclared, "no such class", "declare it");
    broker.app_succeeds();
}

#[test]
fn class_objects_are_registered_suspended_and_resumed_together() {
    if is_app() {
        let server = TaskServer::new().unwrap();
        let task = || Task(|_: &_| Ok(()));
        for class in [CLASS, OTHER] {
            server.register_class_object_suspended(class, task, ClassUse::Multiple).unwrap();
        }
        server.resume_class_objects().unwrap();
        let error = server.resume_class_objects().unwrap_err();
        assert!(error.is_refused(), "{error}");
        return server.wait(IdlePolicy::AfterFirstCompletion).unwrap();
    }
    let test = "leaving::class_objects_are_registered_suspended_and_resumed_together";
    let broker = FakeBroker::with_app(test, &[]);
    let mut peer = broker.accept();
    for (cookie, class) in [(1_u32, CLASS), (2, OTHER)] {
        let call = peer.expect("RegisterClassSuspended");
        assert_eq!(read::<(String, bool)>(&call), (class.to_string(), false));
        peer.answer(&call, &cookie);
    }
    let call = peer.expect("ResumeClasses");
    // Runs may arrive before the answer.
    peer.run_class(FIRST, &OTHER.to_string());
    peer.answer(&call, &());
    let mut heard = [peer.next(), peer.next(), peer.next()];
    heard.sort_by_key(|call| member(call) != "ResumeClasses");
    assert_eq!(member(&heard[0]), "ResumeClasses");
    peer.refuse(&heard[0], Code::AccessDenied, "leaving", "end");
    assert_eq!([member(&heard[1]), member(&heard[2])], ["Entered", "Completed"]);
    peer.leave(true);
    broker.app_succeeds();
}
