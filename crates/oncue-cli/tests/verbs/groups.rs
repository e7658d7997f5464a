//! Groups, end to end: registered by an app, stored by the broker, shown to a person.

use std::error::Error;

use crate::run::{self, COMPLETES, task};
use crate::stage::{Stage, plays_part, said};
use oncue::{BackgroundTaskRegistration, BackgroundTaskRegistrationGroup, RegisterResult};
use serde_json::json;

fn mail() -> BackgroundTaskRegistrationGroup {
    BackgroundTaskRegistrationGroup::with_name("com.example.mail", "Mail")
}

#[test]
#[ignore = "a process that the tests start"]
fn registers() -> Result<(), Box<dyn Error>> {
    if !plays_part() {
        return Ok(());
    }
    // `quick` exists outside of groups.
    let (_, how) = task("quick", COMPLETES).set_task_group(&mail()).register_or_keep()?;
    assert_eq!(how, RegisterResult::New);
    let (_, how) = task("quick", COMPLETES).set_task_group(&mail()).register_or_keep()?;
    assert_eq!(how, RegisterResult::Kept);
    let nowhere = BackgroundTaskRegistrationGroup::new("x".repeat(257));
    let error = task("quick", COMPLETES).set_task_group(&nowhere).register().unwrap_err();
    assert!(error.is_invalid_argument(), "{error}");
    assert_eq!(error.to_string(), "the group's id is too long: 257 characters (limit: 256)");
    Ok(())
}

#[test]
#[ignore = "a process that the tests start"]
fn sees() -> Result<(), Box<dyn Error>> {
    if !plays_part() {
        return Ok(());
    }
    assert_eq!(BackgroundTaskRegistration::all_task_groups()?, [mail()]);
    let grouped = mail().all_tasks()?;
    assert_eq!(grouped.len(), 1);
    assert_eq!((grouped[0].name(), grouped[0].task_group()), ("quick", Some(&mail())));
    assert!(!BackgroundTaskRegistration::all_tasks()?.contains(&grouped[0]));
    Ok(())
}

fn plays(stage: &Stage, part: &str) {
    let program = stage.path("package/primes");
    let played = said(stage.program(&program, &["--exact", "--ignored", part]).output().unwrap());
    assert_eq!(played.code, Some(0), "{played:?}");
}

#[test]
fn a_group_outlives_the_broker_and_is_seen() {
    let mut stage = run::set();
    plays(&stage, "groups::registers");
    stage.kill_broker();
    stage.start_broker();
    plays(&stage, "groups::sees");

    for group in ["com.example.mail", "Mail"] {
        let listed = stage.json(&["list", "--group", group, "--json"]);
        assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
        assert_eq!(listed[0]["group"], json!({ "id": "com.example.mail", "name": "Mail" }));
        let id = listed[0]["task_id"].as_str().unwrap();
        assert!(stage.done(&["show", id]).contains("  group      com.example.mail (Mail)\n"));
        assert_eq!(stage.json(&["show", id, "--json"])["group"], listed[0]["group"]);
    }
    let nowhere = stage.says(&["list", "--group", "com.example"]);
    assert_eq!((nowhere.code, nowhere.out.as_str()), (Some(4), ""));
    assert!(
        nowhere.err.contains("no group called `com.example` has any tasks\n  com.example.mail (Mail)\n"),
        "{nowhere:?}"
    );
}
