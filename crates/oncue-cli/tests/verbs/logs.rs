//! `oncue logs`, and the verbs that point at it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::run::{make_package, set, wait_for_waiting};
use crate::stage::{Stage, said};

/// A stage on which the task `crashing` has crashed once.
fn crashed() -> Stage {
    let stage = set();
    assert_eq!(stage.says(&["run", "--wait", "crashing"]).code, Some(1));
    stage
}

/// Returns the lines without their times.
fn texts(shown: &str) -> Vec<&str> {
    shown.lines().skip(1).map(|line| line.split_once(' ').unwrap().1).collect()
}

#[test]
fn the_output_of_a_failed_run_is_shown_and_pointed_at() {
    let stage = crashed();
    let shown = stage.done(&["logs", "crashing"]);
    assert!(shown.starts_with("crashing, run "), "{shown}");
    let lines = texts(&shown);
    assert!(lines.contains(&"out running 1 test") && lines.contains(&"err the last words"), "{shown}");
    assert_eq!(lines.last(), Some(&"end crashed (SIGABRT)"));

    let entry = &stage.json(&["history", "--json"])[0];
    let run = &entry["instance_id"].as_str().unwrap()[..8];
    let text = std::fs::read_to_string(entry["output"].as_str().unwrap()).unwrap();
    assert!(text.contains("Z err the last words\n"), "{text}");
    let command = format!("`oncue logs crashing --run {run}`");
    for verb in [&["history"][..], &["show", "crashing"], &["why", "crashing"]] {
        let pointed = stage.done(verb);
        assert!(pointed.contains(&command), "{pointed}");
    }
    for choice in [&["--failed"][..], &["--run", run], &["--last", "3"]] {
        assert_eq!(stage.done(&[&["logs", "crashing"], choice].concat()), shown);
    }
    let lines: Vec<Value> = stage
        .done(&["logs", "crashing", "--json"])
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let said = lines.iter().find(|line| line["stream"] == "err").unwrap();
    assert_eq!((&said["text"], &said["instance_id"]), (&"the last words".into(), &entry["instance_id"]));
}

#[test]
fn what_has_no_output_says_so_and_what_is_unknown_is_not_found() {
    let stage = crashed();
    assert_eq!(stage.done(&["logs", "quick"]), "no output of quick is kept\n");
    assert_eq!(stage.done(&["logs", "quick", "--json"]), "");
    assert_eq!(stage.done(&["logs", "quick", "--failed"]), "no output of a failed run of quick is kept\n");
    for arguments in [&["logs", "nobody"][..], &["logs", "crashing", "--run", "zzz"]] {
        let said = stage.says(arguments);
        assert_eq!((said.code, said.out.as_str()), (Some(4), ""), "{said:?}");
        assert!(said.err.contains("\n  try: "), "{said:?}");
    }
}

#[test]
fn output_is_read_without_a_broker_and_after_the_task_is_gone() {
    let stage = crashed();
    let shown = stage.done(&["logs", "crashing"]);
    let removed = stage.done(&["remove", "crashing"]);
    assert!(removed.contains("the output of its runs is kept: `oncue logs "), "{removed}");
    assert_eq!(stage.done(&["logs", "crashing"]), shown);
    stage.done(&["daemon", "--stop"]);
    for choice in [&[][..], &["--failed"], &["--follow"]] {
        assert_eq!(stage.done(&[&["logs", "Stage/crashing"], choice].concat()), shown);
    }
    assert_eq!(stage.says(&["logs", "quick"]).code, Some(4), "nothing of it is kept");
    assert!(!stage.path("run/broker.sock").exists(), "no broker was started to read files");
}

fn follows(stage: &Stage) -> (Child, BufReader<ChildStdout>) {
    let mut command = stage.oncue(&["logs", "waiting", "--follow"]);
    let mut follows = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(follows.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("out running 1 test") {
        line.clear();
        assert_ne!(out.read_line(&mut line).unwrap(), 0, "it ended early");
    }
    (follows, out)
}

#[test]
fn a_run_is_followed_to_its_end() {
    let stage = set();
    let (waits, _stderr) = wait_for_waiting(&stage);
    let (mut followed, mut out) = follows(&stage);
    let (interrupted, _out) = follows(&stage);
    kill_process(Pid::from_child(&interrupted), Signal::INT).unwrap();
    assert_eq!(said(interrupted.wait_with_output().unwrap()).code, Some(130));

    stage.done(&["cancel", "waiting"]);
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert!(rest.lines().last().unwrap().contains(" end cancelled"), "{rest}");
    assert_eq!(followed.wait().unwrap().code(), Some(0));
    assert_eq!(said(waits.wait_with_output().unwrap()).code, Some(1));
}

#[test]
fn who_follows_a_run_whose_file_does_not_exist_yet_hears_its_first_line() {
    let mut stage = Stage::new();
    stage.start_broker();
    let program = make_package(&stage);
    stage.done(&["package", "add", "package"]);
    let registered = stage.program(&program, &["--exact", "--ignored", "run::registers"]).output().unwrap();
    assert!(registered.status.success());
    // It writes only when the test lets it.
    stage.write("gate", "");
    std::fs::remove_file(stage.path("gate")).unwrap();
    let fifo = stage.path("gate");
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    let script = format!("#!/bin/sh\nread go < {}\necho running 1 test\nexec sleep 1000\n", fifo.display());
    std::fs::remove_file(&program).unwrap();
    stage.write("package/primes", &script);
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    stage.done(&["run", "waiting"]);
    let mut command = stage.oncue(&["logs", "waiting", "--follow"]);
    let mut follows = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(follows.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert!(line.starts_with("waiting, run "), "{line}");
    std::fs::write(&fifo, "go\n").unwrap();
    line.clear();
    out.read_line(&mut line).unwrap();
    assert!(line.ends_with(" out running 1 test\n"), "{line}");
    stage.done(&["cancel", "--no-wait", "waiting"]);
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with(" end cancelled\n"), "{rest}");
    assert_eq!(follows.wait().unwrap().code(), Some(0));
}

#[test]
fn all_that_a_command_writes_is_kept_and_its_last_words_are_in_the_ledger() {
    let stage = Stage::new();
    let words = |script: &'static str| ["--", "/bin/sh", "-c", script];
    stage.done(&[&["add", "loud"][..], &words("echo one; echo two >&2; printf three; exit 3")].concat());
    assert_eq!(stage.says(&["run", "--wait", "loud"]).code, Some(1));
    let shown = stage.done(&["logs", "loud"]);
    let mut lines = texts(&shown);
    assert_eq!(lines.pop(), Some("end failed (exit 3)"));
    lines.sort_unstable();
    assert_eq!(lines, ["err two", "out one", "out three"]);
    assert_eq!(stage.json(&["history", "loud", "--json"])[0]["message"], "two");

    stage.done(&[&["add", "plain"][..], &words("echo the disk is full; exit 3")].concat());
    assert_eq!(stage.says(&["run", "--wait", "plain"]).code, Some(1));
    assert_eq!(stage.json(&["history", "plain", "--json"])[0]["message"], "the disk is full");

    stage.done(&["add", "silent", "--", "/bin/true"]);
    stage.done(&["run", "--wait", "silent"]);
    let nothing = stage.done(&["logs", "silent"]);
    assert!(nothing.ends_with(" of silent completed; no output of it is kept\n"), "{nothing}");
    let output = stage.path("state/output");
    assert_eq!(std::fs::read_dir(output).unwrap().count(), 2, "a silent run has no file");
}
