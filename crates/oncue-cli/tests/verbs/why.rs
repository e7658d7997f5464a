//! What prevents a task from running: reported, controlled, and explained.

use std::error::Error;
use std::time::Duration;

use oncue::tools::FactKind;
use oncue::why::WaitsFor;
use oncue::{BackgroundTaskRegistration, Outcome, Retry};
use serde_json::{Value, json};

use crate::run::{CANCELLED, FAILS, set, task, wait_for_waiting};
use crate::stage::{Stage, plays_part, said};

#[test]
#[ignore = "a process that the tests start"]
fn registers_what_is_tried_again() -> Result<(), Box<dyn Error>> {
    if !plays_part() {
        return Ok(());
    }
    task("again", FAILS).set_retry(Retry::linear(Duration::from_secs(3_600), 1)).register()?;
    Ok(())
}

/// Lets a task crash until it is quarantined.
fn crash(stage: &Stage) {
    for _ in 0..5 {
        assert_eq!(stage.says(&["run", "--wait", "crashing"]).code, Some(1));
    }
}

fn word_of(list: &Value, name: &str, key: &str) -> Value {
    list.as_array().unwrap().iter().find(|task| task["name"] == name).unwrap()[key].clone()
}

fn time(value: &Value) -> jiff::Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn a_task_that_keeps_crashing_is_quarantined_until_it_is_released() {
    let stage = set();
    let refused = stage.says(&["release", "crashing"]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    crash(&stage);
    assert_eq!(word_of(&stage.json(&["list", "--json"]), "crashing", "state"), "quarantined");
    assert!(stage.done(&["list"]).contains("quarantined"));

    let held = stage.done(&["run", "crashing"]);
    assert!(held.starts_with("crashing is held:\n  5 activations in a row crashed"), "{held}");
    assert!(held.ends_with("`oncue release crashing`\n"), "{held}");
    let why = stage.done(&["why", "crashing"]);
    assert!(
        why.starts_with("crashing is quarantined: it crashed too often and is no longer started.\n"),
        "{why}"
    );
    assert!(why.contains("`oncue release crashing`") && why.contains("the last words\n"), "{why}");
    assert!(why.contains("waiting   1 firing, since "), "{why}");
    let why = stage.json(&["why", "crashing", "--json"]);
    assert_eq!((&why["strikes"], &why["blocked"][0]["by"]), (&json!(5), &json!("quarantined")));
    assert_eq!(why["runs"].as_array().unwrap().len(), 3);

    assert!(stage.done(&["release", "crashing"]).starts_with("crashing is released; "));
    // The waiting firing was judged at once; requesting another one follows it to its end.
    assert!(stage.says(&["run", "--wait", "crashing"]).out.contains("crashed"));
    let why = stage.json(&["why", "crashing", "--json"]);
    assert!(why["blocked"].as_array().unwrap().is_empty(), "{why}");
    assert_eq!((&why["state"], &why["fine"]), (&json!("armed"), &json!(false)));
}

#[test]
fn a_package_that_is_denied_is_stopped_and_held_until_it_is_allowed() {
    let stage = set();
    assert_eq!(stage.json(&["access", "list", "--json"])[0]["access"], "policy");
    let (waits, _stderr) = wait_for_waiting(&stage);
    assert!(
        stage
            .done(&["access", "set", "Stage", "denied"])
            .contains(" is not allowed to run in the background")
    );
    let cancelled = said(waits.wait_with_output().unwrap());
    assert!(cancelled.out.contains("\ncancelled (SystemPolicy) after "), "{cancelled:?}");

    stage.done(&["run", "quick"]);
    assert!(stage.done(&["list"]).contains("held (denied)"));
    assert!(stage.done(&["access", "list"]).contains("denied"));
    let why = stage.done(&["why", "quick"]);
    assert!(why.starts_with("quick has fired but is not running yet: its package is not allowed"), "{why}");
    assert!(
        why.contains("  because   Stage is not allowed to run in the background (you denied it"),
        "{why}"
    );
    assert!(why.contains("allow it: `oncue access set Stage_"), "{why}");
    assert!(
        stage.done(&["why", "failing"]).starts_with("failing would not run now: its package is not allowed")
    );
    let forced = stage.json(&["run", "--force", "failing", "--json"]);
    assert_eq!((&forced["state"], &forced["blocked"]), (&json!("held"), &json!(["denied"])));

    stage.done(&["access", "set", "Stage", "always"]);
    // The held firing was judged at once; requesting another one follows it to its end.
    let quick = stage.done(&["run", "--wait", "quick"]);
    assert!(quick.contains("\ncompleted after "), "{quick}");
    assert_eq!(stage.json(&["package", "show", "Stage", "--json"])["access"], "always");
}

#[test]
#[ignore = "a process that the tests start"]
fn asks_why() -> Result<(), Box<dyn Error>> {
    if !plays_part() {
        return Ok(());
    }
    let tasks = BackgroundTaskRegistration::all_tasks()?;
    let task = |name: &str| tasks.iter().find(|task| task.name() == name).ok_or("it is registered");
    let why = task("never")?.why()?;
    assert_eq!(
        (why.waits_for(), why.waiting().map(|waiting| waiting.firings)),
        (WaitsFor::Conditions, Some(1))
    );
    assert_eq!(why.failing()[0].facts[0].name, FactKind::Internet);
    let failing = task("failing")?;
    let last = failing.last_result()?.ok_or("it has run")?;
    assert_eq!((&last.outcome, last.message.as_deref()), (&Outcome::Failed.into(), Some("the disk is full")));
    let started_at = last.started_at.ok_or("it was entered")?;
    assert_eq!(failing.why_at(started_at)?.run(), Some(last));
    Ok(())
}

#[test]
fn an_app_asks_why_and_for_what_ended_while_it_was_away() {
    let stage = set();
    stage.done(&["run", "never"]);
    stage.says(&["run", "--wait", "failing"]);
    let asked = ["--exact", "--ignored", "why::asks_why"];
    let asked = said(stage.program(&stage.path("package/primes"), &asked).output().unwrap());
    assert_eq!(asked.code, Some(0), "{asked:?}");
}

#[test]
fn a_failed_run_is_tried_again_and_that_is_told() {
    let stage = set();
    let program = stage.path("package/primes");
    let part = ["--exact", "--ignored", "why::registers_what_is_tried_again"];
    let registered = said(stage.program(&program, &part).output().unwrap());
    assert_eq!(registered.code, Some(0), "{registered:?}");
    assert_eq!(stage.json(&["show", "again", "--json"])["policy"], "retry=linear:1h:1");

    let failed = stage.says(&["run", "--wait", "--json", "again"]);
    let failed: Value = serde_json::from_str(&failed.out).unwrap();
    let why = stage.json(&["why", "again", "--json"]);
    assert_eq!(why["retry"]["attempt"], 1);
    // Within a second, because the two clocks used to compute it are not read at the same instant.
    let wait = time(&why["retry"]["at"]).duration_since(time(&failed["run"]["ended_at"]));
    assert!((3_599..=3_961).contains(&wait.as_secs()), "an hour, and up to a tenth: {why}");
    let why = stage.done(&["why", "again"]);
    assert!(why.starts_with("again failed the last time; it runs every 15 minutes.\n"), "{why}");
    assert!(why.contains("  retry     attempt 1 in ") && why.contains(", unless its trigger fires first\n"));
    assert!(why.contains("failed") && why.contains("the disk is full\n"), "{why}");
    assert!(stage.done(&["list"]).contains("armed (retry in "));
    assert!(stage.done(&["show", "again"]).contains("  retry      attempt 1 in "));
}

#[test]
fn a_reason_reaches_the_task_and_the_ledger() {
    let stage = set();
    let (_waits, _stderr) = wait_for_waiting(&stage);
    let cancelled = stage.done(&["cancel", "waiting", "--reason", "energysaver"]);
    assert!(cancelled.starts_with("waiting: cancelled (EnergySaver) after "), "{cancelled}");
    let entry = &stage.json(&["history", "waiting", "--json"])[0];
    assert_eq!((&entry["reason"], &entry["progress"]), (&json!("EnergySaver"), &json!(CANCELLED + 11)));
    assert_eq!(stage.says(&["cancel", "waiting", "--reason", "boredom"]).code, Some(2));
}

#[test]
fn every_task_says_why() {
    let stage = set();
    let why = stage.done(&["why", "quick"]);
    assert!(why.starts_with("quick is fine: it runs every 15 minutes.\n"), "{why}");
    assert!(why.contains("\n  trigger   every 15 minutes\n  next due  in 14 min ("), "{why}");
    assert!(why.ends_with("nothing: it has not fired yet\n"), "{why}");

    stage.done(&["run", "never"]);
    let why = stage.done(&["why", "never"]);
    assert!(
        why.starts_with("never has fired but is not running yet: it waits for ")
            && why.contains("  because   "),
        "{why}"
    );
    let why = stage.json(&["why", "never", "--json"]);
    let fact = &why["failing"][0]["facts"][0];
    assert_eq!(fact["name"], "internet", "{why}");
    assert!(fact["source"].is_string() || fact["why"].is_string(), "{why}");
    assert!(why["held_since"].is_string() && why["waiting"]["firings"] == 1, "{why}");

    let (_waits, _stderr) = wait_for_waiting(&stage);
    let why = stage.done(&["why", "waiting"]);
    assert!(why.starts_with("waiting has been running since ") && why.contains("  progress  10\n"), "{why}");
    assert!(why.contains("  fired     ") && why.contains("  entered   "), "{why}");
    assert!(why.contains("it has fired for the first time") && !why.contains("has not fired"), "{why}");
    let live = word_of(&stage.json(&["list", "--json"]), "waiting", "live");
    assert!(time(&live["fired_at"]) <= time(&live["started_at"]), "{live}");
    let then = stage.json(&["why", "waiting", "--json", "--at", live["started_at"].as_str().unwrap()]);
    assert_eq!(then["live"], live);
    let then = stage.done(&["why", "waiting", "--at", live["started_at"].as_str().unwrap()]);
    assert!(then.contains(", waiting was running.\n") && then.contains("  now     run "), "{then}");
    stage.done(&["cancel", "waiting"]);
}

#[test]
fn the_ledger_says_what_was_at_an_instant() {
    let stage = set();
    let run = |name| stage.json(&["run", "--wait", "--json", name])["run"].clone();
    let (first, second) = (run("quick"), run("quick"));
    let at = |instant: &Value| stage.json(&["why", "quick", "--json", "--at", instant.as_str().unwrap()]);
    let alive = at(&first["started_at"]);
    assert_eq!((&alive["alive"], &alive["after"]), (&first, &second));
    let between = at(&first["ended_at"]);
    assert_eq!((&between["alive"], &between["reached"]), (&Value::Null, &json!(true)));
    assert_eq!((&between["before"], &between["after"]), (&first, &second));

    let then = stage.done(&["why", "quick", "--at", first["started_at"].as_str().unwrap()]);
    assert!(then.starts_with("At ") && then.contains(", quick was running.\n"), "{then}");
    let long_ago = stage.done(&["why", "quick", "--at", "2020-02-02 10:30"]);
    assert!(long_ago.contains("is not in the ledger, which does not go back that far.\n"), "{long_ago}");
    for wrong in ["soon", "2999-01-01T00:00:00Z"] {
        assert_eq!(stage.says(&["why", "quick", "--at", wrong]).code, Some(2), "{wrong}");
    }
}
