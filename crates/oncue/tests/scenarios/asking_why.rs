//! Asking why, and what ended while nothing was listening: the questions to the broker.

use std::time::{Duration, SystemTime};

use oncue::tools::{FactKind, Reading, Wall, Word};
use oncue::why::{WaitsFor, WasThen};
use oncue::{BackgroundTaskCancellationReason, BackgroundTaskRegistration, Outcome};
use oncue_wire::{Entry, FactInfo, TaskInfo};

use super::fake_broker::{FIRST, FakeBroker, Peer, SECOND, TASK, is_app, read};
use super::listening::entry;
use super::registering::info;

fn only_task() -> BackgroundTaskRegistration {
    BackgroundTaskRegistration::all_tasks().unwrap().remove(0)
}

fn list(peer: &mut Peer) {
    let call = peer.expect("Tasks");
    peer.answer(&call, &vec![info(TASK, "held")]);
}

fn expect_history(peer: &mut Peer, most: u32, entries: &[Entry]) {
    let call = peer.expect("History");
    assert_eq!(read::<(String, String, u32)>(&call), (TASK.to_owned(), String::new(), most));
    peer.answer(&call, &entries.to_vec());
}

#[test]
fn a_task_says_why() {
    if is_app() {
        let why = only_task().why().unwrap();
        assert_eq!(why.waits_for(), WaitsFor::Conditions);
        assert_eq!(why.since(), Some(SystemTime::UNIX_EPOCH + Duration::from_micros(7)));
        let failing = why.failing();
        assert_eq!(
            (failing[0].part.to_string().as_str(), &failing[0].facts[0].value),
            ("internet", &Some(Reading::Is(false).into()))
        );
        assert_eq!(failing[0].facts[0].source, "rtnetlink");
        assert_eq!(why.recent()[0].outcome, Outcome::Failed);
        return;
    }
    let broker = FakeBroker::with_app("asking_why::a_task_says_why", &[]);
    let mut peer = broker.accept();
    list(&mut peer);
    let call = peer.expect("Find");
    let failing = vec![Word::read("internet")];
    peer.answer(&call, &vec![TaskInfo { failing, held_since: Some(Wall(7)), ..info(TASK, "held") }]);
    expect_history(&mut peer, 6, &[entry(FIRST, "failed", Some("no"))]);
    let call = peer.expect("Facts");
    let fact = FactInfo {
        name: FactKind::Internet.into(),
        value: Some(Reading::Is(false).into()),
        counts_as: Reading::Is(false).into(),
        source: "rtnetlink".into(),
        since: Some(Wall(1)),
        ..FactInfo::default()
    };
    peer.answer(&call, &vec![fact]);
    broker.app_succeeds();
}

#[test]
fn a_task_says_what_it_did_at_an_instant() {
    if is_app() {
        let why = only_task().why_at(SystemTime::UNIX_EPOCH + Duration::from_micros(2)).unwrap();
        assert_eq!(why.was(), WasThen::Running);
        assert_eq!(why.run().unwrap().instance_id.to_string(), FIRST);
        return;
    }
    let broker = FakeBroker::with_app("asking_why::a_task_says_what_it_did_at_an_instant", &[]);
    let mut peer = broker.accept();
    list(&mut peer);
    let call = peer.expect("Find");
    peer.answer(&call, &vec![info(TASK, "armed")]);
    expect_history(&mut peer, 2_000, &[entry(FIRST, "completed", None)]);
    broker.app_succeeds();
}

#[test]
fn what_ended_while_nobody_listened_is_asked_for() {
    if is_app() {
        let task = only_task();
        let last = task.last_result().unwrap().unwrap();
        assert_eq!(last.instance_id.to_string(), SECOND);
        assert_eq!(last.reason, Some(BackgroundTaskCancellationReason::EnergySaver));
        assert_eq!(last.check_result().unwrap_err().to_string(), "the task failed: no");
        assert_eq!(task.last_result().unwrap(), None);
        assert_eq!(task.recent_runs(0).unwrap().len(), 1);
        return;
    }
    let broker = FakeBroker::with_app("asking_why::what_ended_while_nobody_listened_is_asked_for", &[]);
    let mut peer = broker.accept();
    list(&mut peer);
    // Firings without a run are skipped, however many there are.
    let dropped = || entry(FIRST, "dropped", None);
    expect_history(&mut peer, 8, &(0..8).map(|_| dropped()).collect::<Vec<_>>());
    let mut failed = entry(SECOND, "failed", Some("no"));
    failed.reason = Some(BackgroundTaskCancellationReason::EnergySaver.into());
    expect_history(&mut peer, 2_000, &[dropped(), failed]);
    expect_history(&mut peer, 8, &[dropped()]);
    expect_history(&mut peer, 1, &[dropped()]);
    broker.app_succeeds();
}
