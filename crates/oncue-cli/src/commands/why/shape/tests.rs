//! The answers are as `docs/interface/json.md` publishes them.

use jiff::tz::TimeZone;
use oncue::tools::TaskInfo;

use super::sample::{MINUTE, NOW, entry, no_internet, task};
use super::*;
use crate::render::json::documented::{assert_documented, value};

fn clock() -> Clock {
    Clock::at(NOW, TimeZone::UTC)
}

#[test]
fn every_shape_is_as_documented() {
    let held = TaskInfo {
        failing: vec!["internet".into()],
        blocked: vec!["denied".into()],
        policy: "drop-after=1h".into(),
        held_since: Some(NOW),
        waiting: Some((2, NOW)),
        retry: Some((1, NOW + MINUTE)),
        instance_id: Some("7".into()),
        progress: Some(10),
        ..task("held")
    };
    let (facts, runs) = ([no_internet()], [entry("6")]);
    let why = value(&Why::of(&Now { task: &held, named: "sync", facts: &facts, runs: &runs }, &clock()));
    assert_documented("An answer to why", &why);
    assert_documented("A failing part", &why["failing"][0]);
    assert_documented("A fact", &why["failing"][0]["facts"][0]);
    assert_documented("A blocker", &why["blocked"][0]);
    assert_documented("An end of being held", &why["hold_limit"]);
    assert_documented("A retry", &why["retry"]);
    assert_eq!((&why["fine"], &why["hold_limit"]["then"]), (&false.into(), &"drop".into()));
    let then = value(&Instant::of(&Then::of(&held, &runs, NOW - 3 * MINUTE), &clock()));
    assert_documented("An instant of a task", &then);
    assert_documented("A run", &then["alive"]);
}

#[test]
fn what_is_missing_is_null() {
    let fine = TaskInfo { next_due: None, ..task("armed") };
    let why = value(&Why::of(&Now { task: &fine, named: "sync", facts: &[], runs: &[] }, &clock()));
    assert_eq!(why["fine"], true);
    for key in ["held_since", "hold_limit", "waiting", "retry", "next_due", "instance_id", "progress"] {
        assert!(why[key].is_null(), "{key}");
    }
    let then = value(&Instant::of(&Then::of(&fine, &[], NOW), &clock()));
    for key in ["alive", "fired", "before", "after", "waiting", "instance_id"] {
        assert!(then[key].is_null(), "{key}");
    }
}
