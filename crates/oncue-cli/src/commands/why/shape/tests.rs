//! The answers match `docs/interface/json.md`.

use jiff::tz::TimeZone;
use oncue::tools::{TaskInfo, system_time};
use oncue::why;

use super::*;
use crate::commands::sample::{MINUTE, NOW, entry, no_internet, task};
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
        trouble: "no such folder".into(),
        held_since: Some(NOW),
        waiting: Some(oncue_wire::WaitingInfo { firings: 2, since: NOW }),
        retry: Some(oncue_wire::RetryInfo { attempt: 1, at: NOW + MINUTE }),
        instance_id: Some("7".into()),
        progress: Some(10),
        ..task("held")
    };
    let answer = why::Why::new(held.clone(), vec![no_internet()], vec![entry("6")]);
    let why = value(&Why::of(&Now { why: &answer, named: "sync" }, &clock()));
    assert_documented("An answer to why", &why);
    assert_documented("A failing part", &why["failing"][0]);
    assert_documented("A fact", &why["failing"][0]["facts"][0]);
    assert_documented("A blocker", &why["blocked"][0]);
    assert_documented("An end of being held", &why["hold_limit"]);
    assert_documented("A retry", &why["retry"]);
    assert_eq!((&why["fine"], &why["hold_limit"]["then"]), (&false.into(), &"drop".into()));
    assert_documented("A live run", &why["live"]);
    let at = NOW - 3 * MINUTE;
    let answer = why::WhyAt::new(held, vec![entry("6")], system_time(at));
    let then = value(&Instant::of(&Then { why: &answer, at }, &clock()));
    assert_documented("A live run", &then["live"]);
    assert_documented("An instant of a task", &then);
    assert_documented("A run", &then["alive"]);
}

#[test]
fn what_is_missing_is_null() {
    let fine = TaskInfo { next_due: None, ..task("armed") };
    let answer = why::Why::new(fine.clone(), Vec::new(), Vec::new());
    let why = value(&Why::of(&Now { why: &answer, named: "sync" }, &clock()));
    assert_eq!(why["fine"], true);
    for key in [
        "held_since",
        "hold_limit",
        "waiting",
        "retry",
        "trouble",
        "next_due",
        "instance_id",
        "progress",
        "live",
    ] {
        assert!(why[key].is_null(), "{key}");
    }
    let answer = why::WhyAt::new(fine, Vec::new(), system_time(NOW));
    let then = value(&Instant::of(&Then { why: &answer, at: NOW }, &clock()));
    for key in ["alive", "fired", "before", "after", "waiting", "instance_id", "live"] {
        assert!(then[key].is_null(), "{key}");
    }
}
