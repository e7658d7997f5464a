//! The answers for tasks in every state.

use std::time::Duration;

use oncue_types::{FactKind, Guid, InstanceId, TaskId, Wall};
use oncue_wire::{LastRun, PauseInfo, RetryInfo};

use super::*;

const NOW: Wall = Wall(7_200_000_000);
const RUN: InstanceId = InstanceId(Guid::from_u128(1));

/// Returns the time this many minutes after [`NOW`], or before it.
fn minutes(minutes: i64) -> Wall {
    Wall(NOW.0 + minutes * 60_000_000)
}

pub(super) fn task(state: TaskState) -> TaskInfo {
    TaskInfo {
        task_id: TaskId(Guid::from_u128(10)),
        name: "Sync".into(),
        package: "Contoso.Mail_8wekyb3d8bbwe".into(),
        trigger: Word::read("every 15m"),
        condition: Some(Word::read("internet")),
        state: state.into(),
        next_due: Some(minutes(12)),
        ..TaskInfo::default()
    }
}

fn fact(kind: FactKind) -> FactInfo {
    FactInfo {
        name: kind.into(),
        value: Some(Reading::Is(false).into()),
        counts_as: Reading::Is(false).into(),
        source: "NetworkManager".into(),
        since: Some(minutes(-90)),
        ..FactInfo::default()
    }
}

fn why(task: TaskInfo) -> Why {
    Why::new(task, vec![fact(FactKind::FreeNetwork), fact(FactKind::Internet)], Vec::new())
}

#[test]
fn a_task_waits_for_one_thing_first_of_all() {
    let retry = |at: i64| Some(RetryInfo { attempt: 1, at: minutes(at) });
    for (state, words, again, waits_for) in [
        (TaskState::Armed, &[][..], None, WaitsFor::Trigger),
        (TaskState::Armed, &["denied"], None, WaitsFor::Trigger),
        (TaskState::Armed, &[], retry(11), WaitsFor::Retry),
        (TaskState::Armed, &[], retry(13), WaitsFor::Trigger),
        (TaskState::Held, &[], None, WaitsFor::Conditions),
        (TaskState::Held, &["denied"], None, WaitsFor::Access),
        (TaskState::Held, &["denied", "stopping"], None, WaitsFor::NextBroker),
        (TaskState::Held, &["paused"], None, WaitsFor::EndOfPause),
        (TaskState::Held, &["all_paused", "energy_saver"], None, WaitsFor::EndOfPause),
        (TaskState::Held, &["paused", "denied"], None, WaitsFor::Access),
        (TaskState::Held, &["energy_saver"], None, WaitsFor::Machine),
        (TaskState::Held, &["full moon"], None, WaitsFor::Machine),
        (TaskState::Held, &["asleep", "denied"], None, WaitsFor::Access),
        (TaskState::Quarantined, &["quarantined", "denied"], None, WaitsFor::Release),
        (TaskState::Activating, &[], None, WaitsFor::TaskServer),
        (TaskState::Running, &[], None, WaitsFor::EndOfRun),
        (TaskState::Cancelling, &[], None, WaitsFor::EndOfRun),
    ] {
        let blocked = words.iter().map(|word| Word::read(word)).collect();
        let why = why(TaskInfo { blocked, retry: again, ..task(state) });
        assert_eq!(why.waits_for(), waits_for, "{state} {words:?} {again:?}");
    }
}

#[test]
fn it_says_since_when() {
    let last = Some(LastRun { instance_id: RUN, outcome: Outcome::Completed.into(), ended_at: minutes(-9) });
    let all = TaskInfo {
        last,
        held_since: Some(minutes(-8)),
        fired_at: Some(minutes(-7)),
        started_at: Some(minutes(-6)),
        ..TaskInfo::default()
    };
    for (state, at) in [
        (TaskState::Armed, -9),
        (TaskState::Held, -8),
        (TaskState::Quarantined, -8),
        (TaskState::Activating, -7),
        (TaskState::Running, -6),
        (TaskState::Cancelling, -6),
    ] {
        let why = why(TaskInfo { state: state.into(), ..all.clone() });
        assert_eq!(why.since(), Some(system_time(minutes(at))), "{state}");
    }
    assert_eq!(why(task(TaskState::Armed)).since(), None);
    assert_eq!(why(TaskInfo { state: Word::read("dreaming"), ..all }).since(), None);
}

#[test]
fn a_failing_part_has_the_facts_behind_it_and_no_other() {
    let failing = vec![Word::read("not no-internet"), Word::read("what nobody knows")];
    let parts = why(TaskInfo { failing, ..task(TaskState::Held) }).failing();
    assert_eq!(parts[0].part.to_string(), "not no-internet");
    assert_eq!(parts[0].facts, [fact(FactKind::Internet)]);
    assert_eq!(parts[1].facts, []);
}

#[test]
fn what_blocks_it_is_told_also_in_words_of_a_newer_broker() {
    let blocked = vec![Blocker::Quarantined.into(), Word::read("full moon")];
    let why = why(TaskInfo { blocked: blocked.clone(), ..task(TaskState::Held) });
    assert_eq!(why.blocked(), blocked);
}

#[test]
fn only_a_pause_without_an_end_needs_a_person() {
    let waiting = Some(WaitingInfo { firings: 1, since: NOW });
    let held = TaskInfo { waiting, ..task(TaskState::Held) };
    let [endless, ends] = [None, Some(minutes(5))].map(|until| Some(PauseInfo { since: NOW, until }));
    for (paused, all_paused, needs) in
        [(None, None, false), (ends, None, false), (endless, None, true), (ends, endless, true)]
    {
        let why = why(TaskInfo { paused, all_paused, ..held.clone() });
        assert_eq!(why.needs_a_person(), needs, "{paused:?} {all_paused:?}");
    }
    assert!(!why(TaskInfo { paused: endless, ..task(TaskState::Armed) }).needs_a_person());
}

#[test]
fn a_hold_ends_as_the_policy_says() {
    let held = TaskInfo { held_since: Some(NOW), ..task(TaskState::Held) };
    assert_eq!(why(held.clone()).hold_limit(), None);
    let limited = TaskInfo { policy: Some(Word::read("slack=1s run-after=1h")), ..held };
    let limit = why(limited.clone()).hold_limit().unwrap();
    assert_eq!(
        limit,
        HoldLimit { at: system_time(NOW) + Duration::from_secs(3_600), then: crate::HoldEnd::Run }
    );
    assert_eq!(why(TaskInfo { held_since: None, ..limited }).hold_limit(), None);
}

#[test]
fn a_task_is_fine_when_there_is_nothing_to_see_to() {
    assert!(why(task(TaskState::Armed)).is_fine());
    let last = |outcome: Outcome| Some(LastRun { instance_id: RUN, outcome: outcome.into(), ended_at: NOW });
    assert!(why(TaskInfo { last: last(Outcome::Cancelled), ..task(TaskState::Armed) }).is_fine());
    for task in [
        task(TaskState::Held),
        TaskInfo { last: last(Outcome::Crashed), ..task(TaskState::Armed) },
        TaskInfo { blocked: vec![Blocker::Denied.into()], ..task(TaskState::Armed) },
        TaskInfo { strikes: 1, ..task(TaskState::Armed) },
        TaskInfo { trouble: "no such folder".into(), ..task(TaskState::Armed) },
        TaskInfo { retry: Some(RetryInfo { attempt: 1, at: NOW }), ..task(TaskState::Armed) },
    ] {
        assert!(!why(task.clone()).is_fine(), "{task:?}");
    }
}

#[test]
fn a_live_run_says_when_it_fired_and_was_entered() {
    let instance_id = Some(RUN);
    let run =
        why(TaskInfo { instance_id, fired_at: Some(NOW), progress: Some(3), ..task(TaskState::Running) })
            .run();
    let run = run.unwrap();
    assert_eq!(run.instance_id, RUN.0);
    assert_eq!((run.fired_at, run.started_at, run.progress), (Some(system_time(NOW)), None, Some(3)));
    assert_eq!(why(task(TaskState::Armed)).run(), None);
}
