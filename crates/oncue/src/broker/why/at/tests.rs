//! What a task was doing at every instant, and the entries around it.

use oncue_types::{Guid, InstanceId, TaskState};

use super::*;
use crate::broker::why::tests::task;

const RUN: InstanceId = InstanceId(Guid::from_u128(1));
const OTHER: InstanceId = InstanceId(Guid::from_u128(2));

fn second(second: i64) -> Wall {
    Wall(second * 1_000_000)
}

fn entry(run: InstanceId, fired: i64, started: Option<i64>, ended: i64, outcome: Outcome) -> Entry {
    Entry {
        instance_id: run,
        fired_at: second(fired),
        started_at: started.map(second),
        ended_at: second(ended),
        outcome: outcome.into(),
        firings: 1,
        ..Entry::default()
    }
}

/// One firing at 10 that ran from 20 to 30, and one at 25 that was dropped at 40.
fn ledger() -> Vec<Entry> {
    vec![entry(OTHER, 25, None, 40, Outcome::Dropped), entry(RUN, 10, Some(20), 30, Outcome::Completed)]
}

fn at(task: TaskInfo, entries: Vec<Entry>, at: i64) -> WhyAt {
    WhyAt::new(task, entries, system_time(second(at)))
}

#[test]
fn the_ledger_has_what_was_and_what_lies_around_it() {
    let none = || [None; 4];
    for (now, was, around) in [
        (9, WasThen::Unknown, [None, None, None, Some(RUN)]),
        (10, WasThen::Fired, [None, Some(RUN), None, Some(OTHER)]),
        (20, WasThen::Running, [Some(RUN), None, None, Some(OTHER)]),
        (29, WasThen::Running, [Some(RUN), Some(OTHER), None, None]),
        (30, WasThen::Fired, [None, Some(OTHER), Some(RUN), None]),
        (40, WasThen::Idle, [None, None, Some(OTHER), None]),
    ] {
        let why = at(task(TaskState::Armed), ledger(), now);
        let found = [why.alive_entry(), why.fired_entry(), why.entry_before(), why.entry_after()];
        assert_eq!(found.map(|entry| entry.map(|entry| entry.instance_id)), around, "{now}");
        assert_eq!((why.was(), why.is_reached()), (was, now > 9), "{now}");
    }
    let why = at(task(TaskState::Armed), Vec::new(), 9);
    let found = [why.alive_entry(), why.fired_entry(), why.entry_before(), why.oldest_entry()];
    assert_eq!((found, why.was()), (none(), WasThen::Unknown));
}

#[test]
fn a_lost_run_is_known_by_nobody() {
    assert_eq!(
        at(task(TaskState::Armed), vec![entry(RUN, 10, None, 50, Outcome::Lost)], 20).was(),
        WasThen::Lost
    );
}

#[test]
fn the_run_that_is_alive_was_alive_from_its_entry_on() {
    let (fired_at, started_at) = (Some(second(50)), Some(second(52)));
    let live = TaskInfo { instance_id: Some(RUN), fired_at, started_at, ..task(TaskState::Running) };
    for (now, was) in [(49, WasThen::Idle), (50, WasThen::Fired), (52, WasThen::Running)] {
        let why = at(live.clone(), ledger(), now);
        assert_eq!((why.was(), why.live().is_some()), (was, now >= 50), "{now}");
    }
    let activating = TaskInfo { started_at: None, ..live };
    assert_eq!(at(activating, ledger(), 60).was(), WasThen::Fired);
}

#[test]
fn what_waits_still_waited_from_its_firing_on() {
    let held = TaskInfo {
        waiting: Some(oncue_wire::WaitingInfo { firings: 1, since: second(50) }),
        ..task(TaskState::Held)
    };
    assert_eq!(at(held.clone(), ledger(), 49).was(), WasThen::Idle);
    assert_eq!(at(held, ledger(), 50).was(), WasThen::WaitsStill);
}
