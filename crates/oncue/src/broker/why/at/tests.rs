//! What a task was doing at every instant, and the entries around it.

use super::*;
use crate::broker::why::tests::task;

const SECOND: i64 = 1_000_000;

fn entry(id: &str, fired: i64, started: Option<i64>, ended: i64, outcome: &str) -> Entry {
    Entry {
        instance_id: id.into(),
        task_id: String::new(),
        name: String::new(),
        package: String::new(),
        fired_at: fired * SECOND,
        started_at: started.map(|started| started * SECOND),
        ended_at: ended * SECOND,
        outcome: outcome.into(),
        reason: None,
        progress: None,
        firings: 1,
        exit_status: None,
        message: None,
    }
}

/// One firing at 10 that ran from 20 to 30, and one at 25 that was dropped at 40.
fn ledger() -> Vec<Entry> {
    vec![entry("dropped", 25, None, 40, "dropped"), entry("run", 10, Some(20), 30, "completed")]
}

fn at(task: TaskInfo, entries: Vec<Entry>, second: i64) -> WhyAt {
    WhyAt::new(task, entries, system_time(second * SECOND))
}

#[test]
fn the_ledger_has_what_was_and_what_lies_around_it() {
    let none = || [None; 4];
    for (second, was, around) in [
        (9, WasThen::Unknown, [None, None, None, Some("run")]),
        (10, WasThen::Fired, [None, Some("run"), None, Some("dropped")]),
        (20, WasThen::Running, [Some("run"), None, None, Some("dropped")]),
        (29, WasThen::Running, [Some("run"), Some("dropped"), None, None]),
        (30, WasThen::Fired, [None, Some("dropped"), Some("run"), None]),
        (40, WasThen::Idle, [None, None, Some("dropped"), None]),
    ] {
        let why = at(task("armed"), ledger(), second);
        let found = [why.alive_entry(), why.fired_entry(), why.entry_before(), why.entry_after()];
        assert_eq!(found.map(|entry| entry.map(|entry| entry.instance_id.as_str())), around, "{second}");
        assert_eq!((why.was(), why.is_reached()), (was, second > 9), "{second}");
    }
    let why = at(task("armed"), Vec::new(), 9);
    let found = [why.alive_entry(), why.fired_entry(), why.entry_before(), why.oldest_entry()];
    assert_eq!((found, why.was()), (none(), WasThen::Unknown));
}

#[test]
fn a_lost_run_is_known_by_nobody() {
    assert_eq!(at(task("armed"), vec![entry("lost", 10, None, 50, "lost")], 20).was(), WasThen::Lost);
}

#[test]
fn the_run_that_is_alive_was_alive_from_its_entry_on() {
    let (fired_at, started_at) = (Some(50 * SECOND), Some(52 * SECOND));
    let instance_id = Some("00000000-0000-8000-8000-000000000001".to_owned());
    let live = TaskInfo { instance_id, fired_at, started_at, ..task("running") };
    for (second, was) in [(49, WasThen::Idle), (50, WasThen::Fired), (52, WasThen::Running)] {
        let why = at(live.clone(), ledger(), second);
        assert_eq!((why.was(), why.live().is_some()), (was, second >= 50), "{second}");
    }
    let activating = TaskInfo { started_at: None, ..live };
    assert_eq!(at(activating, ledger(), 60).was(), WasThen::Fired);
}

#[test]
fn what_waits_still_waited_from_its_firing_on() {
    let held = TaskInfo {
        waiting: Some(oncue_wire::WaitingInfo { firings: 1, since: 50 * SECOND }),
        ..task("held")
    };
    assert_eq!(at(held.clone(), ledger(), 49).was(), WasThen::Idle);
    assert_eq!(at(held, ledger(), 50).was(), WasThen::WaitsStill);
}
