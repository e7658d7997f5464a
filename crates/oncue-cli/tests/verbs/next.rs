//! What comes, with a real broker: it agrees with `why`, and nothing happens because of it.

use serde_json::{Value, json};

use crate::run::{set, wait_for_waiting};
use crate::stage::Stage;

fn add(stage: &Stage, name: &str, flags: &[&str]) {
    stage.done(&[&["add", name][..], flags, &["--", "/bin/true"]].concat());
}

fn of_task<'v>(next: &'v Value, list: &str, name: &str) -> Vec<&'v Value> {
    next[list].as_array().unwrap().iter().filter(|of| of["name"] == name).collect()
}

fn time(value: &Value) -> jiff::Timestamp {
    value.as_str().unwrap_or_else(|| panic!("{value} is a time")).parse().unwrap()
}

/// Asserts that two times are the same, read at different instants from two clocks.
fn assert_same(a: &Value, b: &Value, what: &str) {
    let apart = time(a).duration_since(time(b)).abs();
    assert!(apart < jiff::SignedDuration::from_secs(1), "{what}: {a} and {b}");
}

#[test]
fn what_comes_is_what_why_says() {
    let stage = Stage::new();
    add(&stage, "mail", &["--every", "15m"]);
    add(&stage, "nightly", &["--at", "*-*-* 03:00:00"]);
    add(&stage, "cron", &["--cron", "17 */2 * * *"]);
    add(&stage, "once", &["--in", "40m"]);
    add(&stage, "slack", &["--every", "2h", "--slack", "10m"]);
    let next = stage.json(&["next", "--json", "--for", "2d"]);
    for name in ["mail", "nightly", "cron", "once", "slack"] {
        let why = stage.json(&["why", name, "--json"]);
        let runs = of_task(&next, "runs", name);
        assert_same(&runs[0]["due"], &why["next_due"], name);
        let [due, at, by] = [&runs[0]["due"], &runs[0]["at"], &why["next_by"]].map(time);
        let tolerance = jiff::SignedDuration::from_secs(1);
        assert!(due <= at && at <= by + tolerance, "{name} runs in its window: {due}, {at}, {by}");
    }
    assert_eq!(of_task(&next, "runs", "once").len(), 1);
    assert_eq!(of_task(&next, "runs", "nightly").len(), 2);
    // The last one can be delayed beyond the end.
    let count = of_task(&next, "tasks", "mail")[0]["runs"].as_u64().unwrap();
    assert!((191..=192).contains(&count), "{count}");
    assert_eq!(stage.json(&["history", "--json"]), json!([]), "nothing has run");
    let list = stage.json(&["list", "--json"]);
    assert!(list.as_array().unwrap().iter().all(|task| task["state"] == "armed"), "{list}");
}

#[test]
fn what_will_not_run_says_why_in_a_line() {
    let stage = Stage::new();
    add(&stage, "offline", &["--every", "15m", "--when", "internet"]);
    add(&stage, "event", &["--on", "network-state-change"]);
    add(&stage, "asked", &[]);
    add(&stage, "off", &["--every", "15m"]);
    add(&stage, "rests", &["--every", "15m"]);
    add(&stage, "late", &["--at", "2099-01-01 10:00:00"]);
    add(&stage, "after", &["--after", "asked"]);
    stage.done(&["disable", "off"]);
    stage.done(&["pause", "rests"]);
    stage.done(&["simulate", "internet=off"]);
    let next = stage.json(&["next", "--json", "--for", "3h"]);
    assert_eq!(next["runs"], json!([]), "{next}");
    for (name, why_not) in [
        ("offline", "held then: it needs the internet"),
        ("event", "it runs when the connectivity or the cost of the network changes"),
        ("asked", "it runs only on request: `oncue run asked`"),
        ("off", "it is disabled; `oncue enable off`"),
        ("rests", "held then: it is paused until you resume it"),
        ("late", "it fires only at 2099-01-01 10:00"),
        ("after", "it runs when asked has completed"),
    ] {
        let said = of_task(&next, "tasks", name)[0]["why_not"].as_str().unwrap().to_owned();
        assert!(said.contains(why_not), "{name}: {said}");
    }
    let text = stage.done(&["next", "--for", "3h"]);
    assert!(text.starts_with("nothing will run in this time\n"), "{text}");
    assert!(text.contains("\nwill not run in this time:\n"), "{text}");
    // With the fact, it would run.
    stage.done(&["simulate", "internet=on"]);
    let next = stage.json(&["next", "offline", "--json", "--for", "3h"]);
    assert_eq!(next["tasks"][0]["why_not"], Value::Null, "{next}");
}

#[test]
fn runs_that_wait_for_others_are_named_with_their_usual_time() {
    let stage = Stage::new();
    for name in ["backup", "sync"] {
        add(&stage, name, &["--at", "*-*-* 03:00:00", "--queue", "disk"]);
    }
    add(&stage, "check", &["--after", "backup"]);
    for name in ["backup", "sync"] {
        assert_eq!(stage.says(&["run", name, "--wait"]).code, Some(0));
    }
    let next = stage.json(&["next", "--json", "--for", "2d"]);
    assert_eq!(next["wake_ups"], json!(2), "both fire at one instant, and the rest follows from it: {next}");
    let clash = &next["clashes"][0];
    assert_eq!(
        (&clash["name"], &clash["behind"], &clash["count"]),
        (&json!("sync"), &json!("backup"), &json!(2))
    );
    let runs = |name| of_task(&next, "runs", name);
    assert!(runs("backup")[0]["usual_ms"].is_u64(), "it has run once: {next}");
    assert_eq!(runs("sync")[0]["waits"]["behind"], json!("backup"));
    assert_eq!(runs("check").len(), 2, "it follows each run of backup: {next}");
    let text = stage.done(&["next", "--for", "2d"]);
    assert!(text.contains("sync waits for backup, which is in the same queue: 2 times, at most ~"), "{text}");
    let folded = stage.done(&["next", "backup", "--for", "30d"]);
    assert!(folded.contains("30 times, last ") && folded.matches("backup ").count() == 1, "{folded}");
    assert!(stage.done(&["next", "backup", "--for", "30d", "--all"]).matches("backup ").count() == 30);
    assert_eq!(stage.says(&["next", "bakup"]).code, Some(4));
    assert_eq!(stage.says(&["next", "--for", "soon"]).code, Some(2));
}

#[test]
fn tasks_of_an_app_come_as_well() {
    let stage = set();
    let (_waits, _stderr) = wait_for_waiting(&stage);
    let next = stage.json(&["next", "--json", "--for", "130m"]);
    let runs = |name| of_task(&next, "runs", name);
    assert_eq!(runs("quick").len(), 8, "{next}");
    let waiting = runs("waiting");
    assert_eq!(
        (&waiting[0]["is_running"], waiting.len()),
        (&json!(true), 9),
        "what runs now, and what comes"
    );
    let why_not = of_task(&next, "tasks", "never")[0]["why_not"].as_str().unwrap();
    assert!(why_not.contains("is held then: it needs the internet"), "{why_not}");

    // What its package may not do, does not come.
    stage.done(&["access", "set", "Stage", "denied"]);
    let next = stage.json(&["next", "quick", "--json"]);
    assert_eq!(next["runs"], json!([]));
    let why_not = next["tasks"][0]["why_not"].as_str().unwrap();
    assert!(why_not.contains("Stage is not allowed to run in the background"), "{why_not}");
}
