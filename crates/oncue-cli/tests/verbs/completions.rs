//! The names that complete a command line, as a shell asks for them.

use crate::stage::{Stage, said};

/// Returns what completes the last word, as fish would ask for it, without the explanations.
fn completed(stage: &Stage, words: &[&str]) -> Vec<String> {
    let mut asked = stage.oncue(&[&["--", "oncue"], words].concat());
    let said = said(asked.env("ONCUE_COMPLETE", "fish").output().unwrap());
    assert_eq!(said.code, Some(0), "{words:?}: {said:?}");
    said.out.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn names_complete_arguments() {
    let stage = Stage::new();
    stage.done(&["add", "backup", "--every", "1h", "--queue", "disk", "--", "/bin/true"]);
    stage.done(&["add", "bake", "--on-signal", "oven.hot", "--", "/bin/true"]);
    let spaced = stage.json(&["add", "tidy up", "--json", "--", "/bin/true"]);
    let id = &spaced["task"]["task_id"].as_str().unwrap()[..8];
    for (words, names) in [
        (&["run", "ba"][..], &["backup", "bake"][..]),
        (&["why", "bac"], &["backup"]),
        (&["pause", "bak"], &["bake"]),
        (&["history", "bac"], &["backup"]),
        (&["edit", "bac"], &["backup"]),
        (&["export", "backup", "bak"], &["bake"]),
        (&["add", "next", "--after", "bac"], &["backup", "backup:failed", "backup:any"]),
        (&["add", "next", "--queue", ""], &["disk"]),
        (&["add", "next", "--on", "network"], &["network-state-change"]),
        (&["signal", "o"], &["oven.hot"]),
        (&["simulate", "internet="], &["internet=on", "internet=off"]),
        (&["simulate", "clear", "inter"], &["internet"]),
        (&["access", "se"], &["set"]),
        (&["access", "set", "any", "den"], &["denied"]),
        (&["cancel", "bake", "--reason", "ExecutionTimeEx"], &["ExecutionTimeExceeded"]),
        (&["logs", "nothing"], &[]),
        (&["man", "comp"], &["completions"]),
        // A name that a shell would have to quote is given as the start of its id.
        (&["run", &id[..4]], &[id]),
    ] {
        assert_eq!(completed(&stage, words), names, "{words:?}");
    }
}

#[test]
fn completing_starts_no_broker() {
    let stage = Stage::new();
    assert!(completed(&stage, &["run", ""]).iter().all(|word| word.starts_with('-')));
    assert!(!stage.path("run/broker.sock").exists());
}

#[test]
fn a_shell_is_told_how_to_ask() {
    let stage = Stage::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(stage.done(&["completions", shell]).contains("ONCUE_COMPLETE"), "{shell}");
    }
}
