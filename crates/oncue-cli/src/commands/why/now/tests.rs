//! The output of `why`: each situation of a task has a transcript, so that its wording is reviewed.
//!
//! `INSTA_UPDATE=always cargo test -p oncue-cli why` updates the transcripts; review the differences.

use jiff::tz::TimeZone;
use oncue::tools::{Entry, FactInfo};

use super::*;
use crate::commands::sample::{MINUTE, NOW, entry, no_internet, task};

fn drawn(task: &TaskInfo, facts: &[FactInfo], runs: &[Entry], width: Option<usize>) -> String {
    let why = Why::new(task.clone(), facts.to_vec(), runs.to_vec());
    let drawn = Now { why: &why, named: "sync" }.draw(&Clock::at(NOW, TimeZone::UTC), width);
    anstream::adapter::strip_str(&drawn).to_string()
}

/// A task's state, the machine's facts, and the task's history.
struct Situation {
    name: &'static str,
    task: TaskInfo,
    facts: Vec<FactInfo>,
    runs: Vec<Entry>,
}

fn situation(name: &'static str, task: TaskInfo, facts: &[FactInfo], runs: &[Entry]) -> Situation {
    Situation { name, task, facts: facts.to_vec(), runs: runs.to_vec() }
}

fn held(failing: &str) -> TaskInfo {
    TaskInfo {
        condition: failing.into(),
        failing: vec![failing.into()],
        held_since: Some(NOW - 30 * MINUTE),
        waiting: Some(oncue_wire::WaitingInfo { firings: 3, since: NOW - 30 * MINUTE }),
        ..task("held")
    }
}

fn blocked(state: &str, word: &str) -> TaskInfo {
    let waits = state != "armed";
    TaskInfo {
        blocked: vec![word.into()],
        waiting: waits.then_some(oncue_wire::WaitingInfo { firings: 1, since: NOW - 2 * MINUTE }),
        held_since: waits.then_some(NOW - 2 * MINUTE),
        ..task(state)
    }
}

/// A task whose last run ended with this outcome.
fn after(outcome: &str, state: &str) -> TaskInfo {
    TaskInfo {
        last: Some(oncue_wire::LastRun {
            instance_id: "6".into(),
            outcome: outcome.into(),
            ended_at: NOW - 2 * MINUTE,
        }),
        ..task(state)
    }
}

fn ended(outcome: &str, message: &str) -> Entry {
    Entry { outcome: outcome.into(), message: Some(message.into()), ..entry("6") }
}

fn crashed() -> Entry {
    Entry { exit_status: Some("SIGABRT".into()), ..ended("crashed", "reading state\nno such file\n") }
}

fn alive(state: &str) -> TaskInfo {
    TaskInfo {
        instance_id: Some("1f2e3d4c-0000-8000-8000-000000000007".into()),
        fired_at: Some(NOW - 2 * MINUTE),
        started_at: (state != "activating").then_some(NOW - MINUTE),
        progress: (state != "activating").then_some(10),
        ..task(state)
    }
}

fn fact(name: &str, value: &str, source: &str) -> FactInfo {
    FactInfo {
        name: name.into(),
        value: Some(value.into()),
        counts_as: value.into(),
        source: source.into(),
        ..no_internet()
    }
}

fn unknown(name: &str, counts_as: &str, why: &str) -> FactInfo {
    let nobody = FactInfo { value: None, source: String::new(), since: None, ..no_internet() };
    FactInfo { name: name.into(), counts_as: counts_as.into(), why: why.into(), ..nobody }
}

fn situations() -> Vec<Situation> {
    let on_battery = fact("ac", "off", "UPower");
    let online = fact("internet", "on", "NetworkManager");
    let metered = unknown(
        "free-network",
        "off",
        "NetworkManager is not running, and only it reports whether the connection is metered",
    );
    let simulated = FactInfo { pinned: true, source: "simulated".into(), ..no_internet() };
    let watch = TaskInfo { trigger: "bus session interface='org.example.Player'".into(), ..task("armed") };
    let unseen = "the session bus is not available: DBUS_SESSION_BUS_ADDRESS is not set".to_owned();
    let gone = "/opt/mail/mail does not exist";
    let missed = "missed; the task skips missed firings";
    let retry = |at| Some(oncue_wire::RetryInfo { attempt: 2, at: NOW + at * MINUTE });
    vec![
        situation("idle", task("armed"), &[], &[entry("6")]),
        situation("idle, never fired", task("armed"), &[], &[]),
        situation("offline", held("internet"), &[no_internet()], &[entry("6")]),
        situation(
            "offline, not fired",
            TaskInfo { failing: vec!["internet".into()], ..task("armed") },
            &[no_internet()],
            &[entry("6")],
        ),
        situation("on battery", held("ac"), &[on_battery], &[]),
        situation("denied", blocked("held", "denied"), &[], &[entry("6")]),
        situation("denied, not fired", blocked("armed", "denied"), &[], &[entry("6")]),
        situation(
            "quarantined",
            TaskInfo { strikes: 5, last: after("crashed", "").last, ..blocked("quarantined", "quarantined") },
            &[],
            &[crashed()],
        ),
        situation(
            "retrying",
            TaskInfo { retry: retry(10), ..after("failed", "armed") },
            &[],
            &[ended("failed", "the disk is full")],
        ),
        situation(
            "retrying, later than its trigger",
            TaskInfo { retry: retry(60), ..after("failed", "armed") },
            &[],
            &[ended("failed", "the disk is full")],
        ),
        situation("running", alive("running"), &[], &[entry("6")]),
        situation("running for the first time", alive("running"), &[], &[]),
        situation(
            "waiting for the end of a run",
            TaskInfo {
                waiting: Some(oncue_wire::WaitingInfo { firings: 1, since: NOW - MINUTE }),
                ..alive("running")
            },
            &[],
            &[entry("6")],
        ),
        situation("starting", alive("activating"), &[], &[entry("6")]),
        situation("told to stop", alive("cancelling"), &[], &[entry("6")]),
        situation("bus missing", TaskInfo { trouble: unseen, next_due: None, ..watch }, &[], &[entry("6")]),
        situation("metered unknown", held("free-network"), &[online, metered], &[]),
        situation(
            "program gone",
            after("not_activated", "armed"),
            &[],
            &[Entry { started_at: None, ..ended("not_activated", gone) }],
        ),
        situation("crashed", after("crashed", "armed"), &[], &[crashed()]),
        situation(
            "cut off",
            after("lost", "armed"),
            &[],
            &[ended("lost", "the broker ended before the run did")],
        ),
        situation("simulated", held("internet"), &[simulated], &[]),
        situation(
            "missed",
            after("completed", "armed"),
            &[],
            &[Entry { started_at: None, firings: 4, ..ended("skipped", missed) }, entry("5")],
        ),
        situation(
            "energy saver",
            blocked("held", "energy_saver"),
            &[fact("energy-saver", "on", "power-profiles-daemon")],
            &[],
        ),
        situation("memory short", blocked("held", "memory_short"), &[], &[]),
        situation("shutting down", blocked("held", "session_ending"), &[], &[]),
        situation(
            "held with a limit",
            TaskInfo { policy: "drop-after=1h".into(), ..held("ac or user-present") },
            &[],
            &[],
        ),
    ]
}

#[test]
fn each_situation_is_told_in_plain_words() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("transcripts");
    settings.bind(|| {
        for Situation { name, task, facts, runs } in situations() {
            let text = drawn(&task, &facts, &runs, Some(90));
            assert!(text.contains("\n  trigger  "), "{name} does not name its trigger: {text}");
            insta::assert_snapshot!(name.replace(", ", "-").replace(' ', "-"), text);
        }
    });
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
    for Situation { name, task, facts, runs } in situations() {
        let text = drawn(&task, &facts, &runs, Some(60));
        // The sentence is not wrapped, because terminals wrap it.
        let wide = |line: &&str| line.chars().count() > 60;
        assert_eq!(text.lines().skip(1).find(wide), None, "{name}");
    }
}
