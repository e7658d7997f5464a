//! Pausing and resuming: what is held, what the verbs say about it, and what survives a broker.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::run::{set, wait_for_waiting};
use crate::stage::{Stage, said};

fn of_task(stage: &Stage, name: &str, key: &str) -> Value {
    stage.json(&["show", name, "--json"])[key].clone()
}

#[test]
fn a_paused_task_is_held_until_it_is_resumed() {
    let stage = set();
    let paused = stage.done(&["pause", "quick"]);
    assert_eq!(paused, "quick is paused until you resume it: `oncue resume quick`\n");
    assert!(stage.done(&["list"]).contains("armed (paused)"));
    assert!(stage.done(&["list", "--paused"]).contains("quick"));
    assert!(!stage.done(&["list", "--paused"]).contains("failing"));

    // A person who runs it learns why it is held, and forcing does not help.
    for arguments in [&["run", "quick"][..], &["run", "--force", "quick"]] {
        let held = stage.done(arguments);
        assert!(
            held.starts_with("quick is held:\n  it is paused until you resume it, by `oncue pause quick` ")
        );
        assert!(held.ends_with("\nend the pause: `oncue resume quick`\n"), "{held}");
    }
    let waits = stage.says(&["run", "--wait", "quick"]);
    assert_eq!(waits.code, Some(3), "only a person can end this pause: {waits:?}");
    let why = stage.json(&["why", "quick", "--json"]);
    assert_eq!((&why["waits_for"], &why["needs_a_person"]), (&json!("end_of_pause"), &json!(true)), "{why}");
    assert_eq!((&why["waiting"]["firings"], &why["paused"]["until"]), (&json!(3), &Value::Null), "{why}");
    let why = stage.done(&["why", "quick"]);
    assert!(why.starts_with("quick has fired but is not running yet: you have paused it.\n"), "{why}");

    // A task that is not paused runs, and pausing again replaces the end.
    assert_eq!(stage.says(&["run", "--wait", "failing"]).code, Some(1));
    let again = stage.done(&["pause", "quick", "--for", "2h"]);
    assert!(again.starts_with("quick stays paused, now until "), "{again}");
    let why = stage.done(&["why", "quick"]);
    assert!(why.starts_with("quick has fired but is not running yet: you have paused it until "), "{why}");
    assert!(stage.done(&["show", "quick"]).contains("it is paused until "));

    assert!(stage.done(&["resume", "quick"]).starts_with("quick is resumed"));
    assert!(stage.done(&["run", "--wait", "quick"]).contains("\ncompleted after "));
    let entry = &stage.json(&["history", "quick", "--json"]);
    assert!(entry.to_string().contains("\"firings\":3"), "one run answers what was held: {entry}");
    assert_eq!(stage.done(&["resume", "quick"]), "quick was not paused\n");
}

#[test]
fn a_pause_of_all_and_a_pause_of_one_are_apart_and_survive_the_broker() {
    let mut stage = set();
    stage.done(&["pause", "quick"]);
    let paused = stage.done(&["pause", "--all", "--for", "2h"]);
    assert!(paused.starts_with("all tasks are paused until "), "{paused}");
    stage.done(&["run", "failing"]);
    let until = of_task(&stage, "failing", "all_paused");
    assert!(until["until"].is_string(), "{until}");

    stage.kill_broker();
    stage.start_broker();
    assert_eq!(of_task(&stage, "failing", "state"), "held");
    // The clocks are not read at the same instant, so an end after a span may differ by microseconds.
    let end = |pause: &Value| pause["until"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let moved = end(&of_task(&stage, "failing", "all_paused")).duration_since(end(&until));
    assert!(moved.abs() < jiff::SignedDuration::from_secs(1), "its end is the same: {moved:?}");
    assert!(of_task(&stage, "quick", "paused").is_object());
    assert!(stage.report()["broker"]["all_paused"]["until"].is_string());
    let list = stage.done(&["list"]);
    assert!(list.contains("held (all paused)") && list.contains("\nall tasks are paused until "), "{list}");

    let resumed = stage.done(&["resume", "quick"]);
    assert!(resumed.starts_with("quick is resumed, but all tasks are paused until "), "{resumed}");
    stage.done(&["pause", "quick"]);
    let resumed = stage.done(&["resume", "--all"]);
    assert_eq!(resumed, "all tasks are resumed, but 1 task is paused by itself: `oncue list --paused`\n");
    assert!(stage.says(&["run", "--wait", "failing"]).out.contains("failed"));
    assert_eq!(of_task(&stage, "quick", "blocked"), json!(["paused"]));
    assert!(stage.done(&["resume", "--all"]).starts_with("there was no pause of all tasks"));
}

#[test]
fn a_pause_of_all_is_listed_also_where_no_task_is_registered() {
    let mut stage = Stage::new();
    stage.start_broker();
    stage.done(&["pause", "--all"]);
    let list = stage.done(&["list"]);
    assert!(list.starts_with("no tasks are registered"), "{list}");
    assert!(list.contains("\nall tasks are paused until you resume them, by `oncue pause --all` "), "{list}");
    assert_eq!(stage.json(&["list", "--json"]), json!([]));
}

#[test]
fn what_is_held_runs_when_the_pause_ends_by_itself() {
    let stage = set();
    stage.done(&["pause", "--all", "--for", "1h"]);
    stage.done(&["pause", "quick", "--for", "1500ms"]);
    let mut command = stage.oncue(&["run", "--wait", "quick"]);
    let waits = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    stage.done(&["pause", "--all", "--for", "1s"]);
    let ran = said(waits.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("\ncompleted after "), "{ran:?}");
    assert_eq!(of_task(&stage, "quick", "paused"), Value::Null);
}

#[test]
fn a_run_continues_unless_it_is_to_be_cancelled() {
    let stage = set();
    let (waits, _stderr) = wait_for_waiting(&stage);
    assert!(stage.done(&["pause", "waiting"]).contains("; its run continues\n"));
    assert_eq!(of_task(&stage, "waiting", "state"), "running");
    let paused = stage.done(&["pause", "--all", "--until", "tomorrow 9:00", "--cancel"]);
    assert!(
        paused.starts_with("all tasks are paused until ") && paused.contains("; 1 run is being cancelled")
    );
    let cancelled = said(waits.wait_with_output().unwrap());
    assert!(cancelled.out.contains("\ncancelled (Abort) after "), "{cancelled:?}");
}

#[test]
fn what_cannot_be_paused_is_refused() {
    let stage = set();
    for (arguments, code, why) in [
        (&["pause"][..], 2, "required"),
        (&["resume"], 2, "required"),
        (&["pause", "quick", "--all"], 2, "cannot be used with"),
        (&["pause", "quick", "--for", "1h", "--until", "23:59:59"], 2, "cannot be used with"),
        (&["pause", "quick", "--for", "soon"], 2, "not a length of time"),
        (&["pause", "quick", "--until", "yesterday 10:30"], 2, "this time has passed"),
        (&["pause", "quick", "--until", "soon"], 2, "write it as 10:30"),
        (&["pause", "quick", "--for", "0s"], 3, "a pause must end in the future"),
        (&["pause", "quik"], 4, "no task is called `quik`"),
        (&["resume", "quik"], 4, "no task is called `quik`"),
        (&["pause", "q"], 4, "no task is called `q`"),
    ] {
        let said = stage.says(arguments);
        assert_eq!(said.code, Some(code), "{arguments:?}: {said:?}");
        assert!(said.err.contains(why), "{arguments:?}: {said:?}");
    }
    stage.done(&["pause", "quick"]);
    stage.done(&["remove", "quick"]);
    assert!(
        stage.done(&["resume", "--all"]).ends_with("there was no pause of all tasks\n"),
        "it ended with its task"
    );
}
