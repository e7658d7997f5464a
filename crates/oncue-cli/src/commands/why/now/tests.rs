//! What people read.

use jiff::tz::TimeZone;

use oncue::tools::Entry;

use super::*;
use crate::commands::sample::{MINUTE, NOW, entry, no_internet, task};

fn said(task: &TaskInfo, runs: &[Entry], width: Option<usize>) -> String {
    let why = Why::new(task.clone(), vec![no_internet()], runs.to_vec());
    let drawn = Now { why: &why, named: "sync" }.draw(&Clock::at(NOW, TimeZone::UTC), width);
    anstream::adapter::strip_str(&drawn).to_string()
}

fn held() -> TaskInfo {
    TaskInfo {
        failing: vec!["internet".into()],
        held_since: Some(NOW - 30 * MINUTE),
        waiting: Some((3, NOW - 30 * MINUTE)),
        ..task("held")
    }
}

fn crashed() -> Entry {
    let message = Some("reading state\nno such file\n".into());
    Entry { outcome: "crashed".into(), exit_status: Some("SIGABRT".into()), message, ..entry("6") }
}

#[test]
fn a_task_that_is_fine_says_when_it_fires() {
    assert_eq!(
        said(&task("armed"), &[entry("6")], None),
        "sync is fine: it waits for its trigger.
  next due  in 12 min (02:12:00)
  before    01:57:00  completed after 1 min
"
    );
    assert!(said(&task("armed"), &[], None).ends_with("  before    it has not fired yet\n"));
}

#[test]
fn a_held_task_names_the_fact_its_value_its_source_and_since_when() {
    assert_eq!(
        said(&held(), &[], Some(60)),
        "sync is held since 01:30:00 (30 min ago).
  because   internet: internet is no (NetworkManager says
            so, since 00:30:00)
  waiting   3 firings, since 01:30:00 (30 min ago)
  next due  in 12 min (02:12:00)
  to do     nothing, or without its condition: `oncue run
            --force sync`
  before    it has not fired yet
"
    );
}

#[test]
fn a_trigger_that_cannot_be_seen_is_told() {
    let task = TaskInfo { trouble: "/mnt/photos is not there".into(), ..task("armed") };
    let text = said(&task, &[entry("6")], None);
    assert!(text.starts_with("sync waits for a trigger that cannot be seen.\n"), "{text}");
    assert!(text.contains("  trouble   /mnt/photos is not there\n"), "{text}");
}

#[test]
fn a_hold_that_ends_says_when_and_how() {
    let task = TaskInfo { policy: "drop-after=1h".into(), ..held() };
    assert!(said(&task, &[], None).contains("  at most   until 02:30:00 (in 30 min), then it is dropped\n"));
}

#[test]
fn a_quarantined_task_says_how_often_and_how_it_crashed_and_what_to_do() {
    let last = Some(("6".into(), "crashed".into(), NOW - 2 * MINUTE));
    let task = TaskInfo { blocked: vec!["quarantined".into()], strikes: 5, last, ..task("quarantined") };
    assert_eq!(
        said(&task, &[crashed()], Some(60)),
        "sync is quarantined.
  because   5 activations in a row crashed or never
            registered, so it is quarantined
  next due  in 12 min (02:12:00)
  to do     mend it, then let it run again: `oncue release
            sync`
  before    01:57:00  crashed after 1 min, server ended with
            SIGABRT
              reading state
              no such file
"
    );
}

#[test]
fn a_denied_task_says_how_to_allow_it() {
    let armed = TaskInfo { blocked: vec!["denied".into()], ..task("armed") };
    let text = said(&armed, &[], None);
    assert!(text.starts_with("sync would not run: its package is denied.\n"), "{text}");
    assert!(text.contains("  because   Contoso.Mail is denied to run in the background\n"), "{text}");
    assert!(text.contains("`oncue access set Contoso.Mail_8wekyb3d8bbwe policy`"), "{text}");
    let held = TaskInfo { blocked: vec!["denied".into()], ..held() };
    assert!(!said(&held, &[], None).contains("--force"), "force does not bypass the user's no");
}

#[test]
fn a_retry_says_which_attempt_and_when_and_what_may_come_before() {
    let failed = Entry { outcome: "failed".into(), message: Some("the disk is full".into()), ..entry("6") };
    let last = Some(("6".into(), "failed".into(), NOW - 2 * MINUTE));
    let mut task = TaskInfo { retry: Some((2, NOW + 10 * MINUTE)), last, ..task("armed") };
    let text = said(&task, &[failed], None);
    assert!(text.starts_with("sync did not do it, and is tried again.\n"), "{text}");
    assert!(text.contains("  retry     attempt 2 in 10 min (02:10:00)\n"), "{text}");
    assert!(text.contains("              the disk is full\n"), "{text}");
    task.retry = Some((2, NOW + 60 * MINUTE));
    assert!(said(&task, &[], None).contains("in 1 h (03:00:00), unless its trigger fires before\n"));
    task.retry = None;
    assert!(said(&task, &[], None).starts_with("sync waits for its trigger; its last run went wrong.\n"));
}

#[test]
fn a_run_says_how_far_it_is_and_what_waits_behind_it() {
    let run = (Some("7".to_owned()), Some((1, NOW - MINUTE)));
    let (fired_at, started_at) = (Some(NOW - 2 * MINUTE), Some(NOW - MINUTE));
    let task = TaskInfo {
        instance_id: run.0,
        waiting: run.1,
        fired_at,
        started_at,
        progress: Some(10),
        ..task("running")
    };
    let text = said(&task, &[], None);
    assert!(text.starts_with("sync runs now.\n  run       7\n  fired     01:58:00 (2 min ago)\n  entered   01:59:00 (1 min ago)\n  progress  10\n"), "{text}");
    assert!(
        text.contains("waiting   1 firing, for the end of this run, since 01:59:00 (1 min ago)\n"),
        "{text}"
    );
}

#[test]
fn a_name_that_a_shell_would_split_is_not_told_to_be_typed() {
    let task =
        TaskInfo { blocked: vec!["quarantined".into()], name: "my sync".into(), ..task("quarantined") };
    let why = Why::new(task, Vec::new(), Vec::new());
    let now = Now { why: &why, named: "my sync" };
    assert!(now.blocked()[0].way_out.ends_with("`oncue release 1f2e3d4c`"));
}

#[test]
fn nothing_is_wider_than_a_narrow_terminal() {
    let states = ["armed", "held", "activating", "running", "cancelling", "quarantined"];
    for state in states {
        let all =
            ["quarantined", "denied", "energy_saver", "memory_short", "asleep", "session_ending", "stopping"];
        let all: Vec<String> = all.map(Into::into).to_vec();
        let task =
            TaskInfo { state: state.into(), blocked: all, retry: Some((1, NOW)), strikes: 5, ..held() };
        let text = said(&task, &[crashed()], Some(60));
        assert!(text.lines().all(|line| line.chars().count() <= 60), "{text}");
    }
}
