//! What tools do: all their questions on the wire, and watching until the connection is lost.

use std::time::Duration;

use oncue::tools::{Access, Broker, Notice, Of, PauseEnd, PauseScope, Paused, Resumed, Wall, Watched, Word};
use oncue::{BackgroundTaskCancellationReason, Cancel, Code, Force};
use oncue_wire::signal::Progress;
use oncue_wire::{Fired, PauseSpec, RunState};

use super::fake_broker::{FIRST, FakeBroker, TASK, is_app, read};
use super::listening::entry;
use super::registering::info;

const HOUR: Duration = Duration::from_secs(3_600);

#[test]
fn a_tool_sees_and_steers() {
    if is_app() {
        let broker = Broker::connect_running().unwrap();
        assert_eq!(broker.version(), "0.1.0");
        let tasks = broker.find("SampleTask").unwrap();
        assert_eq!(tasks, [info(TASK, "armed")]);
        let task = tasks[0].task_id;
        assert_eq!(broker.fire(task, Force::No).unwrap().failing, [Word::read("internet")]);
        assert_eq!(broker.cancel(task).unwrap_err().code(), Some(Code::NotActive));
        broker.cancel_for(task, BackgroundTaskCancellationReason::EnergySaver).unwrap();
        broker.release(task).unwrap();
        let paused = broker.pause(PauseScope::Task(task), PauseEnd::After(HOUR), Cancel::Yes).unwrap();
        assert_eq!(paused.cancelled, 1);
        broker.pause(PauseScope::All, PauseEnd::At(Wall(7)), Cancel::No).unwrap();
        assert!(broker.resume(PauseScope::All).unwrap().was_paused);
        broker.set_access("Contoso.Sample_8wekyb3d8bbwe", Access::Denied).unwrap();
        assert_eq!(broker.history(Of::Task(task), 1).unwrap(), [entry(FIRST, "failed", Some("no"))]);
        broker.stop().unwrap();
        return;
    }
    let broker = FakeBroker::with_app("steering::a_tool_sees_and_steers", &[]);
    let mut peer = broker.accept();
    let call = peer.expect("Hello");
    assert_eq!(read::<String>(&call), "");
    peer.answer(&call, &"0.1.0");
    let call = peer.expect("Find");
    assert_eq!(read::<String>(&call), "SampleTask");
    peer.answer(&call, &vec![info(TASK, "armed")]);
    let call = peer.expect("Fire");
    assert_eq!(read::<(String, bool)>(&call), (TASK.to_owned(), false));
    let fired = Fired {
        task_id: TASK.parse().unwrap(),
        state: RunState::Held.into(),
        failing: vec![Word::read("internet")],
        ..Fired::default()
    };
    peer.answer(&call, &(fired,));
    let call = peer.expect("Cancel");
    assert_eq!(read::<(String, u32)>(&call), (TASK.to_owned(), 0));
    peer.refuse(&call, Code::NotActive, "neither runs nor is held", "");
    let call = peer.expect("Cancel");
    assert_eq!(read::<(String, u32)>(&call), (TASK.to_owned(), 11));
    peer.answer(&call, &());
    let call = peer.expect("Release");
    assert_eq!(read::<String>(&call), TASK);
    peer.answer(&call, &());
    let call = peer.expect("Pause");
    let hour = PauseSpec { lasts: "1h".into(), cancel: true, ..PauseSpec::default() };
    assert_eq!(read::<(String, PauseSpec)>(&call), (TASK.to_owned(), hour));
    peer.answer(&call, &(Paused { cancelled: 1, ..Paused::default() },));
    let call = peer.expect("Pause");
    let at = PauseSpec { until: Some(Wall(7)), ..PauseSpec::default() };
    assert_eq!(read::<(String, PauseSpec)>(&call), (String::new(), at));
    peer.answer(&call, &(Paused::default(),));
    let call = peer.expect("Resume");
    assert_eq!(read::<String>(&call), "");
    peer.answer(&call, &(Resumed { was_paused: true, ..Resumed::default() },));
    let call = peer.expect("SetAccess");
    let denied = ("Contoso.Sample_8wekyb3d8bbwe".to_owned(), "denied".to_owned());
    assert_eq!(read::<(String, String)>(&call), denied);
    peer.answer(&call, &());
    let call = peer.expect("History");
    assert_eq!(read::<(String, String, u32)>(&call), (TASK.to_owned(), String::new(), 1));
    peer.answer(&call, &vec![entry(FIRST, "failed", Some("no"))]);
    let call = peer.expect("Stop");
    peer.answer(&call, &());
    broker.app_succeeds();
}

#[test]
fn a_watch_tells_all_in_order_and_ends_with_the_connection() {
    // More than fit on either side of the socket.
    const MANY: u32 = 2_000;
    if is_app() {
        let broker = Broker::connect().unwrap();
        let watch = broker.watch(Watched::All).unwrap();
        let notices: Vec<_> = watch.collect();
        let (task_id, instance_id) = (TASK.parse().unwrap(), FIRST.parse().unwrap());
        assert_eq!(notices[0], Notice::TaskChanged(task_id));
        assert_eq!(notices[1], Notice::RunEntered { task_id, instance_id });
        for value in 0..MANY {
            assert_eq!(notices[2 + value as usize], Notice::Progress { task_id, instance_id, value });
        }
        assert_eq!(notices[2 + MANY as usize], Notice::Ended(entry(FIRST, "completed", None)));
        assert_eq!(notices.last(), Some(&Notice::TaskRemoved(task_id)));
        return;
    }
    let broker =
        FakeBroker::with_app("steering::a_watch_tells_all_in_order_and_ends_with_the_connection", &[]);
    let mut first = broker.accept();
    let call = first.expect("Hello");
    first.answer(&call, &"0.1.0");
    let mut peer = broker.accept();
    let call = peer.expect("Watch");
    assert_eq!(read::<Watched>(&call), Watched::All);
    peer.answer(&call, &());
    peer.signal("TaskChanged", &TASK);
    peer.signal("RunEntered", &(TASK, FIRST));
    for value in 0..MANY {
        let progress = Progress { task_id: Word::read(TASK), instance_id: Word::read(FIRST), value };
        peer.signal("Progress", &(progress,));
    }
    peer.signal("Ended", &(entry(FIRST, "completed", None),));
    peer.signal("TaskRemoved", &TASK);
    peer.hang_up();
    broker.app_succeeds();
}
