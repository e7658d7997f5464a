//! `oncue demo`, end to end.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::stage::{Stage, said, with_cargo};

/// Prepares a demonstration that creates its folder on the stage.
fn demo(stage: &Stage, arguments: &[&str]) -> Command {
    let mut command = stage.oncue(&["demo"]);
    with_cargo(&mut command);
    command.args(arguments).env("TMPDIR", stage.path("")).current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn folders(stage: &Stage) -> usize {
    fs::read_dir(stage.path("")).unwrap().count()
}

#[test]
#[ignore = "builds the sample, which may take minutes"]
fn every_step_happens_and_nothing_is_left() {
    let stage = Stage::new();
    let shown = said(demo(&stage, &["--for", "500ms"]).output().unwrap());
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert_eq!(shown.out.lines().filter(|line| line.starts_with("✓ ")).count(), 11, "{}", shown.out);
    assert!(!shown.out.contains("✗"), "{}", shown.out);
    assert!(shown.out.contains("cancelled (Abort) after "), "{}", shown.out);
    assert_eq!(folders(&stage), 0, "the folder is removed");
}

#[test]
#[ignore = "builds the sample, which may take minutes"]
fn ctrl_c_ends_it_cleanly() {
    let stage = Stage::new();
    let mut command = demo(&stage, &["--for", "1h"]);
    let mut shows = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(shows.stdout.take().unwrap()).lines();
    let server = lines
        .find_map(|line| line.unwrap().split_once("in a process of its own: pid ").map(|at| at.1.to_owned()));
    let server = server.as_deref().and_then(|rest| rest.split(' ').next()).unwrap();
    kill_process(Pid::from_child(&shows), Signal::INT).unwrap();
    assert!(lines.any(|line| line.unwrap().starts_with("✓ the broker has ended, and no process is left")));
    assert_eq!(shows.wait().unwrap().code(), Some(130));
    assert_eq!(folders(&stage), 0, "the folder is removed");
    assert!(has_ended(server), "the task server has ended too");
}

/// Whether a process has ended, even if it has not been reaped.
fn has_ended(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"));
    stat.is_err() || stat.is_ok_and(|stat| stat.contains(") Z "))
}
