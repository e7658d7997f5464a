//! Listening to the progress and the end of runs, even after the connection was lost.

use std::sync::mpsc::channel;

use oncue::{BackgroundTaskBuilder, OneShot, Outcome, TimeTrigger};
use oncue_types::Wall;
use oncue_wire::signal::Progress;
use oncue_wire::{Entry, How, Registered, Watched, Word};

use super::fake_broker::{CLASS, FIRST, FakeBroker, Peer, SECOND, TASK, is_app, read};
use super::registering::info;

pub(crate) fn entry(instance: &str, outcome: &str, message: Option<&str>) -> Entry {
    Entry {
        instance_id: instance.parse().unwrap(),
        task_id: TASK.parse().unwrap(),
        name: "SampleTask".into(),
        package: "Contoso.Sample_8wekyb3d8bbwe".into(),
        fired_at: Wall(1),
        started_at: Some(Wall(2)),
        ended_at: Wall(3),
        outcome: Word::read(outcome),
        firings: 1,
        message: message.map(str::to_owned),
        ..Entry::default()
    }
}

fn register(peer: &mut Peer) {
    let call = peer.expect("Register");
    peer.answer(
        &call,
        &(Registered { task_id: TASK.parse().unwrap(), how: How::New.into(), changed: Vec::new() },),
    );
}

fn watch(peer: &mut Peer) {
    let call = peer.expect("Watch");
    assert_eq!(read::<Watched>(&call), Watched::Own);
    peer.answer(&call, &());
}

#[test]
fn handlers_are_told_of_progress_and_end() {
    let register_sample = || {
        let mut builder = BackgroundTaskBuilder::new();
        builder.set_name("SampleTask").set_task_entry_point_clsid(CLASS);
        builder.set_trigger(TimeTrigger::new(15, OneShot::No)).register()
    };
    if is_app() {
        let task = register_sample().unwrap();
        let (sender, progress) = channel();
        let listener = task.on_progress(move |task, args| {
            sender.send((task.name().to_owned(), args.instance_id().to_string(), args.progress())).unwrap();
        });
        let _listener = listener.unwrap();
        let (sender, ended) = channel();
        let token = task.on_completed(move |_, args| sender.send(args.clone()).unwrap()).unwrap().keep();
        // Shows the broker that both handlers are attached.
        task.state().unwrap();
        assert_eq!(progress.recv().unwrap(), ("SampleTask".to_owned(), FIRST.to_owned(), 42));
        assert_eq!(ended.recv().unwrap().check_result(), Ok(()));
        // The second link starts to watch by itself.
        assert!(register_sample().unwrap_err().is_unreachable());
        register_sample().unwrap();
        let failed = ended.recv().unwrap().check_result().unwrap_err();
        assert_eq!(*failed.outcome(), Outcome::Crashed);
        assert_eq!(failed.to_string(), "the task server ended during the run: boom");
        assert!(task.remove_handler(token));
        assert!(!task.remove_handler(token));
        return;
    }
    let broker = FakeBroker::with_app("listening::handlers_are_told_of_progress_and_end", &[]);
    let mut peer = broker.accept();
    register(&mut peer);
    watch(&mut peer);
    let call = peer.expect("Find");
    peer.answer(&call, &vec![info(TASK, "armed")]);
    let progress = Progress { task_id: Word::read(TASK), instance_id: Word::read(FIRST), value: 42 };
    peer.signal("Progress", &(progress,));
    peer.signal("Ended", &(entry(FIRST, "dropped", None),));
    peer.signal("Ended", &(entry(FIRST, "cancelled", None),));
    peer.expect("Register");
    peer.hang_up();
    let mut peer = broker.accept();
    watch(&mut peer);
    register(&mut peer);
    peer.signal("Ended", &(entry(SECOND, "crashed", Some("boom")),));
    broker.app_succeeds();
}
