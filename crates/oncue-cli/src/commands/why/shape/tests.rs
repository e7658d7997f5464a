//! The answers match `docs/interface/json.md`.

use jiff::tz::TimeZone;
use oncue::tools::{self, TaskInfo, system_time};
use oncue::why;

use super::*;
use crate::commands::sample::{NOW, entry, guid, minutes, no_internet, retry, task, waiting};
use crate::kept::Kept;
use crate::render::json::documented::{assert_documented, value};

fn clock() -> Clock {
    Clock::at(NOW, TimeZone::UTC)
}

#[test]
fn every_shape_is_as_documented() {
    let held = TaskInfo {
        failing: vec![Word::read("internet")],
        blocked: vec![tools::Blocker::Denied.into()],
        policy: Some(Word::read("drop-after=1h")),
        trouble: "no such folder".into(),
        held_since: Some(NOW),
        waiting: waiting(2, NOW),
        retry: retry(1, minutes(1)),
        instance_id: Some(InstanceId(guid(7))),
        progress: Some(10),
        ..task(TaskState::Held)
    };
    let answer = why::Why::new(held.clone(), vec![no_internet()], vec![entry(6)]);
    let why = value(&Why::of(&Now { why: &answer, named: "sync", kept: &Kept::nothing() }, &clock()));
    assert_documented("An answer to why", &why);
    assert_documented("A failing part", &why["failing"][0]);
    assert_documented("A fact", &why["failing"][0]["facts"][0]);
    assert_documented("A blocker", &why["blocked"][0]);
    assert_documented("An end of being held", &why["hold_limit"]);
    assert_documented("A retry", &why["retry"]);
    assert_eq!((&why["fine"], &why["hold_limit"]["then"]), (&false.into(), &"drop".into()));
    assert_documented("A live run", &why["live"]);
    let at = minutes(-3);
    let answer = why::WhyAt::new(held, vec![entry(6)], system_time(at));
    let then =
        value(&Instant::of(&Then { why: &answer, at, is_gone: false, kept: &Kept::nothing() }, &clock()));
    assert_documented("A live run", &then["live"]);
    assert_documented("An instant of a task", &then);
    assert_documented("A run", &then["alive"]);
}

#[test]
fn what_is_missing_is_null() {
    let fine = TaskInfo { next_due: None, ..task(TaskState::Armed) };
    let answer = why::Why::new(fine.clone(), Vec::new(), Vec::new());
    let why = value(&Why::of(&Now { why: &answer, named: "sync", kept: &Kept::nothing() }, &clock()));
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
    let then = value(&Instant::of(
        &Then { why: &answer, at: NOW, is_gone: false, kept: &Kept::nothing() },
        &clock(),
    ));
    for key in ["alive", "fired", "before", "after", "waiting", "instance_id", "live"] {
        assert!(then[key].is_null(), "{key}");
    }
}
