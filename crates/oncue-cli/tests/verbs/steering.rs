//! Waiting for a run, and the confirmation before something is removed.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::{Value, json};

use crate::run::{set, until, wait_for_waiting};
use crate::stage::{Said, Stage, said};

/// Asserts that waiting ended at once, because only a person can let the task run.
fn assert_up_to_a_person(stage: &Stage, name: &str, because: &str) {
    let said = stage.says(&["run", "--wait", name]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.out.contains(because), "{said:?}");
    assert!(said.err.contains("stays held until you let it run"), "{said:?}");
    let json = stage.says(&["run", "--wait", "--json", name]);
    assert_eq!(json.code, Some(3), "{json:?}");
    let fired: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&fired["state"], &fired["run"]), (&json!("held"), &Value::Null));
    let why = stage.json(&["why", name, "--json"]);
    assert_eq!((&why["needs_a_person"], &why["waiting"]["firings"]), (&json!(true), &json!(2)), "{why}");
}

#[test]
fn nobody_waits_for_a_task_that_only_a_person_can_free() {
    let stage = set();
    stage.done(&["access", "set", "Stage", "denied"]);
    assert_up_to_a_person(&stage, "quick", "is not allowed to run in the background");
    stage.done(&["access", "set", "Stage", "policy"]);

    stage.done(&["simulate", "internet=on"]);
    assert_up_to_a_person(&stage, "never", "the internet is reachable (simulated");
    stage.done(&["simulate", "clear"]);

    for _ in 0..5 {
        assert_eq!(stage.says(&["run", "--wait", "crashing"]).code, Some(1));
    }
    assert_up_to_a_person(&stage, "crashing", "quarantined");
}

#[test]
fn waiting_ends_when_the_task_comes_to_depend_on_a_person() {
    let stage = set();
    stage.done(&["simulate", "energy-saver=on"]);
    let mut command = stage.oncue(&["run", "--wait", "quick"]);
    let mut waits = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(waits.stderr.take().unwrap());
    until(&mut stderr, "held");
    stage.done(&["access", "set", "Stage", "denied"]);
    until(&mut stderr, "stays held until you let it run");
    assert_eq!(said(waits.wait_with_output().unwrap()).code, Some(3));
}

#[test]
fn a_timeout_ends_the_waiting_and_says_how_the_task_stands() {
    let stage = set();
    let held = stage.says(&["run", "--wait", "--timeout", "10ms", "never"]);
    assert_eq!(held.code, Some(1), "{held:?}");
    assert!(held.err.contains("10ms passed: no longer waiting; never is still held: `oncue why never`"));
    assert!(!held.err.contains("continues"), "{held:?}");

    let alive = stage.says(&["run", "--wait", "--timeout", "10ms", "waiting"]);
    assert_eq!(alive.code, Some(1), "{alive:?}");
    assert!(alive.err.contains("waiting continues: `oncue show waiting`"), "{alive:?}");
    stage.done(&["cancel", "waiting"]);
    assert!(stage.done(&["run", "--wait", "--timeout", "1h", "quick"]).contains("completed"));
    for wrong in [&["run", "--timeout", "1h", "quick"][..], &["run", "--wait", "--timeout", "soon", "quick"]]
    {
        assert_eq!(stage.says(wrong).code, Some(2), "{wrong:?}");
    }
}

#[test]
fn who_waits_for_a_held_firing_sees_the_end_of_the_run_that_answers_it() {
    let stage = set();
    // A second firing joins a held one; its own entry is not the awaited end.
    let (_waits, _stderr) = wait_for_waiting(&stage);
    stage.done(&["run", "waiting"]);
    let mut command = stage.oncue(&["run", "--wait", "waiting"]);
    let mut behind = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(behind.stderr.take().unwrap());
    until(&mut stderr, "waiting for the current run to end");
    stage.done(&["cancel", "waiting"]);
    until(&mut stderr, "progress 10");
    stage.done(&["cancel", "waiting"]);
    let behind = said(behind.wait_with_output().unwrap());
    assert!(behind.out.contains("\ncancelled (Abort) after "), "{behind:?}");
}

#[test]
fn a_digit_is_no_id_for_what_changes_something() {
    let stage = set();
    let id = stage.json(&["show", "quick", "--json"])["task_id"].as_str().unwrap().to_owned();
    for verb in ["run", "cancel", "release", "remove"] {
        for short in [&id[..1], &id[..7]] {
            let said = stage.says(&[verb, short]);
            assert_eq!(said.code, Some(4), "{verb} {short}: {said:?}");
            assert!(said.err.contains("at least the first 8 characters"), "{said:?}");
        }
    }
    assert_eq!(stage.json(&["show", &id[..7], "--json"])["task_id"], id.as_str(), "reading is free");
    stage.done(&["remove", &id[..8]]);
    assert_eq!(stage.says(&["show", "quick"]).code, Some(4));
}

/// Runs `oncue` on a terminal, and types `answer` when asked.
fn on_a_terminal(stage: &Stage, arguments: &[&str], answer: &str) -> Said {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let side = File::from(rustix::fs::open(&name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap());
    let mut command = stage.oncue(arguments);
    command.stdin(side.try_clone().unwrap()).stderr(side).stdout(Stdio::piped());
    let child = command.spawn().unwrap();
    // It must not keep the other side open, because reading ends with the process.
    drop(command);
    let mut typing = File::from(terminal);
    let mut shown = Vec::new();
    let mut reading = BufReader::new(typing.try_clone().unwrap());
    // The end of a terminal's other side is an error, and the question may not appear.
    if reading.read_until(b']', &mut shown).is_ok_and(|length| length > 0) {
        typing.write_all(answer.as_bytes()).unwrap();
        let mut line = Vec::new();
        while reading.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {}
        shown.append(&mut line);
    }
    let mut said = said(child.wait_with_output().unwrap());
    said.err = String::from_utf8(shown).unwrap();
    said
}

#[test]
fn on_a_terminal_a_person_is_asked_before_something_is_removed() {
    let stage = set();
    for (arguments, question) in [
        (&["remove", "quick"][..], "remove the task quick of Stage_"),
        (&["package", "remove", "Stage"], "remove the package Stage_"),
    ] {
        for answer in ["n\n", "\n", "maybe\n"] {
            let asked = on_a_terminal(&stage, arguments, answer);
            assert_eq!(asked.code, Some(3), "{asked:?}");
            assert!(asked.err.contains(question) && asked.err.contains("nothing was removed"), "{asked:?}");
            assert!(asked.out.is_empty(), "{asked:?}");
        }
    }
    let asked = on_a_terminal(&stage, &["remove", "quick"], "y\n");
    assert_eq!((asked.code, asked.out.contains("is removed")), (Some(0), true), "{asked:?}");
    let not_asked = on_a_terminal(&stage, &["remove", "--yes", "failing"], "");
    assert_eq!((not_asked.code, not_asked.err.as_str()), (Some(0), ""), "{not_asked:?}");
    // Without a terminal, as in a script, there is no question.
    assert!(stage.done(&["package", "remove", "Stage"]).contains("is removed"));
}
