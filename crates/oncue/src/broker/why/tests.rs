//! The answers for tasks in every state.

use std::time::Duration;

use oncue_wire::{LastRun, RetryInfo};

use super::*;

const MINUTE: i64 = 60_000_000;
const NOW: i64 = 120 * MINUTE;
const RUN: &str = "00000000-0000-8000-8000-000000000001";

pub(super) fn task(state: &str) -> TaskInfo {
    TaskInfo {
        task_id: "00000000-0000-8000-8000-00000000000a".into(),
        name: "Sync".into(),
        package: "Contoso.Mail_8wekyb3d8bbwe".into(),
        group: None,
        class_id: "14c5882b-35d3-41be-86b2-5106269b97e6".into(),
        trigger: "every 15m".into(),
        condition: "internet".into(),
        policy: String::new(),
        state: state.into(),
        next_due: Some(NOW + 12 * MINUTE),
        failing: Vec::new(),
        blocked: Vec::new(),
        waiting: None,
        trouble: String::new(),
        held_since: None,
        strikes: 0,
        retry: None,
        instance_id: None,
        fired_at: None,
        started_at: None,
        progress: None,
        last: None,
        next_by: None,
    }
}

fn fact(name: &str) -> FactInfo {
    FactInfo {
        name: name.into(),
        value: Some("off".into()),
        counts_as: "off".into(),
        pinned: false,
        source: "NetworkManager".into(),
        since: Some(NOW - 90 * MINUTE),
        why: String::new(),
    }
}

fn why(task: TaskInfo) -> Why {
    Why::new(task, vec![fact("free-network"), fact("internet")], Vec::new())
}

#[test]
fn a_task_waits_for_one_thing_first_of_all() {
    let blocked = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let retry = |minutes: i64| Some(RetryInfo { attempt: 1, at: NOW + minutes * MINUTE });
    for (state, words, again, waits_for) in [
        ("armed", &[][..], None, WaitsFor::Trigger),
        ("armed", &["denied"], None, WaitsFor::Trigger),
        ("armed", &[], retry(11), WaitsFor::Retry),
        ("armed", &[], retry(13), WaitsFor::Trigger),
        ("held", &[], None, WaitsFor::Conditions),
        ("held", &["denied"], None, WaitsFor::Access),
        ("held", &["denied", "stopping"], None, WaitsFor::NextBroker),
        ("held", &["energy_saver"], None, WaitsFor::Machine),
        ("held", &["asleep", "denied"], None, WaitsFor::Access),
        ("quarantined", &["quarantined", "denied"], None, WaitsFor::Release),
        ("activating", &[], None, WaitsFor::TaskServer),
        ("running", &[], None, WaitsFor::EndOfRun),
        ("cancelling", &[], None, WaitsFor::EndOfRun),
    ] {
        let why = why(TaskInfo { blocked: blocked(words), retry: again, ..task(state) });
        assert_eq!(why.waits_for(), waits_for, "{state} {words:?} {again:?}");
    }
}

#[test]
fn it_says_since_when() {
    let at = |minutes: i64| system_time(NOW - minutes * MINUTE);
    let last =
        Some(LastRun { instance_id: RUN.into(), outcome: "completed".into(), ended_at: NOW - 9 * MINUTE });
    let all = TaskInfo {
        last,
        held_since: Some(NOW - 8 * MINUTE),
        fired_at: Some(NOW - 7 * MINUTE),
        started_at: Some(NOW - 6 * MINUTE),
        ..task("")
    };
    for (state, minutes) in
        [("armed", 9), ("held", 8), ("quarantined", 8), ("activating", 7), ("running", 6), ("cancelling", 6)]
    {
        let why = why(TaskInfo { state: state.into(), ..all.clone() });
        assert_eq!(why.since(), Some(at(minutes)), "{state}");
    }
    assert_eq!(why(task("armed")).since(), None);
}

#[test]
fn a_failing_part_has_the_facts_behind_it_and_no_other() {
    let failing = vec!["not no-internet".into(), "what nobody knows".into()];
    let parts = why(TaskInfo { failing, ..task("held") }).failing();
    let names = |part: &FailingPart| part.facts.iter().map(|fact| fact.name.clone()).collect::<Vec<_>>();
    assert_eq!((parts[0].part.as_str(), names(&parts[0])), ("not no-internet", vec!["internet".into()]));
    assert_eq!(parts[0].facts[0].since, Some(system_time(NOW - 90 * MINUTE)));
    assert_eq!(names(&parts[1]), Vec::<String>::new());
}

#[test]
fn a_fact_has_a_value_of_its_kind() {
    for (text, value) in [
        ("on", FactValue::Holds(true)),
        ("off", FactValue::Holds(false)),
        ("80%", FactValue::Percent(80)),
        ("blue", FactValue::Other("blue".into())),
    ] {
        let facts = vec![FactInfo { value: Some(text.into()), pinned: true, ..fact("internet") }];
        let failing = vec!["internet".into()];
        let part = Why::new(TaskInfo { failing, ..task("held") }, facts, Vec::new()).failing().remove(0);
        assert_eq!((part.facts[0].value.as_ref(), part.facts[0].pinned), (Some(&value), true));
    }
}

#[test]
fn what_blocks_it_is_told_also_in_words_of_a_newer_broker() {
    let blocked = vec!["quarantined".into(), "full moon".into()];
    let why = why(TaskInfo { blocked, strikes: 5, ..task("held") });
    assert_eq!(why.blocked(), [Blocker::Quarantined { strikes: 5 }, Blocker::Other("full moon".into())]);
}

#[test]
fn a_hold_ends_as_the_policy_says() {
    let held = TaskInfo { held_since: Some(NOW), ..task("held") };
    assert_eq!(why(held.clone()).hold_limit(), None);
    let limited = TaskInfo { policy: "slack=1s run-after=1h".into(), ..held };
    let limit = why(limited.clone()).hold_limit().unwrap();
    assert_eq!(
        limit,
        HoldLimit { at: system_time(NOW) + Duration::from_secs(3_600), then: crate::HoldEnd::Run }
    );
    assert_eq!(why(TaskInfo { held_since: None, ..limited }).hold_limit(), None);
}

#[test]
fn a_task_is_fine_when_there_is_nothing_to_see_to() {
    assert!(why(task("armed")).is_fine());
    let last =
        |outcome: &str| Some(LastRun { instance_id: RUN.into(), outcome: outcome.into(), ended_at: NOW });
    assert!(why(TaskInfo { last: last("cancelled"), ..task("armed") }).is_fine());
    for task in [
        task("held"),
        TaskInfo { last: last("crashed"), ..task("armed") },
        TaskInfo { blocked: vec!["denied".into()], ..task("armed") },
        TaskInfo { strikes: 1, ..task("armed") },
        TaskInfo { trouble: "no such folder".into(), ..task("armed") },
        TaskInfo { retry: Some(RetryInfo { attempt: 1, at: NOW }), ..task("armed") },
    ] {
        assert!(!why(task.clone()).is_fine(), "{task:?}");
    }
}

#[test]
fn a_live_run_says_when_it_fired_and_was_entered() {
    let instance_id = Some(RUN.to_owned());
    let run = why(TaskInfo { instance_id, fired_at: Some(NOW), progress: Some(3), ..task("running") }).run();
    let run = run.unwrap();
    assert_eq!(run.instance_id.to_string(), RUN);
    assert_eq!((run.fired_at, run.started_at, run.progress), (Some(system_time(NOW)), None, Some(3)));
    assert_eq!(why(task("armed")).run(), None);
}
