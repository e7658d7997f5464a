//! A newer program takes the broker's place while it runs.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::stage::{PATIENCE, Stage};
use crate::watched::Watched;
use oncue_types::{Outcome, TaskState};
use oncue_wire::{Entry, PauseSpec, Paused, Resumed};

/// Replaces the broker's program by another file, like a package manager.
fn replace_broker(stage: &Stage) {
    let new = stage.home().join("oncue.new");
    fs::copy(env!("CARGO_BIN_EXE_oncue"), &new).unwrap();
    fs::rename(&new, stage.own_broker()).unwrap();
}

/// Whether the broker's process runs the file that is at the path now.
fn runs_what_is_there(stage: &Stage) -> bool {
    let id = |path: &Path| fs::metadata(path).map(|known| (known.dev(), known.ino())).unwrap();
    id(Path::new(&format!("/proc/{}/exe", stage.broker_id()))) == id(&stage.own_broker())
}

fn wait_for_takeover(stage: &Stage) {
    let until = Instant::now() + PATIENCE;
    while !runs_what_is_there(stage) {
        assert!(Instant::now() < until, "the old program still runs: {}", stage.log());
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Pauses a task, so that a firing is held.
fn hold(client: &mut Client, task: &str) {
    let id = client.task(task).task_id.to_string();
    client.ask::<Paused>("Pause", &(id, PauseSpec::default())).unwrap();
    client.fire(task);
}

fn let_go(client: &mut Client, task: &str) {
    let id = client.task(task).task_id.to_string();
    client.ask::<Resumed>("Resume", &id).unwrap();
}

#[test]
fn a_newer_program_takes_over_with_the_same_process_and_nothing_is_lost() {
    let stage = Stage::with_own_broker("tells_process", &["sync 1 100", "held 1 100"]);
    let mut watch = stage.watch();
    watch.fire("sync");
    let idle = Watched::process(watch.progress().cast_signed());
    watch.ended();
    hold(&mut watch, "held");
    replace_broker(&stage);
    wait_for_takeover(&stage);
    // A client that connects while nobody serves the socket waits in it.
    let mut watch = stage.watch();
    assert_eq!(watch.task("held").state, TaskState::Held);
    // The server of the old program ends by itself, and is reaped.
    idle.ends();
    let_go(&mut watch, "held");
    assert_eq!(watch.ended_of("held").outcome, Outcome::Completed);
    let entries: Vec<Entry> = watch.ask("History", &(String::new(), String::new(), 0_u32)).unwrap();
    assert_eq!(entries.iter().map(|entry| &*entry.name).collect::<Vec<_>>(), ["held", "sync"]);
    // It can be replaced again.
    replace_broker(&stage);
    wait_for_takeover(&stage);
    stage.watch().fire("sync");
}

#[test]
fn a_run_that_is_alive_ends_before_the_takeover() {
    let mut stage = Stage::with_own_broker("", &["sync 1 20000"]);
    stage.write_program(crate::stage::HANDS_OVER);
    let mut watch = stage.watch();
    watch.fire("sync");
    let (mut server, _process) = stage.server();
    server.registers_class();
    let instance = server.run().instance_id.to_string();
    server.tell("Entered", &instance, 1);
    watch.entered();
    replace_broker(&stage);
    stage.wait_for_log("which takes over when no run is alive");
    assert!(!runs_what_is_there(&stage));
    assert_eq!(watch.task("sync").state, TaskState::Running);
    server.tell("Completed", &(instance, None::<String>), 1);
    wait_for_takeover(&stage);
    let entries: Vec<Entry> = stage.watch().ask("History", &(String::new(), String::new(), 0_u32)).unwrap();
    assert_eq!(entries.iter().map(|entry| entry.outcome.clone()).collect::<Vec<_>>(), [Outcome::Completed]);
}

#[test]
fn an_app_that_listens_goes_on_listening_after_a_takeover() {
    let mut stage = Stage::with_own_broker("completes", &["sync 1 100"]);
    let mut app = stage.play("hears_ends").spawn().unwrap();
    assert_eq!(stage.said.line(), "listening");
    replace_broker(&stage);
    wait_for_takeover(&stage);
    let mut watch = stage.watch();
    let until = Instant::now() + PATIENCE;
    // It connects again by itself, at some time.
    while !stage.path("heard").exists() {
        assert!(Instant::now() < until, "it hears nothing");
        watch.fire("sync");
        watch.ended();
    }
    app.kill().unwrap();
    app.wait().unwrap();
}

#[test]
fn a_file_that_is_no_broker_does_not_take_over_and_the_next_one_does() {
    let stage = Stage::with_own_broker("completes", &["sync 1 100"]);
    let other = stage.home().join("other");
    fs::write(&other, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&other, fs::Permissions::from_mode(0o755)).unwrap();
    fs::rename(&other, stage.own_broker()).unwrap();
    stage.wait_for_log("the new file does not take over");
    let mut watch = stage.watch();
    watch.fire("sync");
    assert_eq!(watch.ended().outcome, Outcome::Completed);
    replace_broker(&stage);
    wait_for_takeover(&stage);
    stage.watch().fire("sync");
}

#[test]
fn a_broker_that_is_killed_while_another_takes_over_loses_nothing() {
    let mut stage = Stage::with_own_broker("completes", &["held 1 100"]);
    hold(&mut stage.watch(), "held");
    replace_broker(&stage);
    stage.wait_for_log("a newer program takes over");
    stage.replace_killed_broker();
    let mut watch = stage.watch();
    assert_eq!(watch.task("held").state, TaskState::Held);
    let_go(&mut watch, "held");
    assert_eq!(watch.ended_of("held").outcome, Outcome::Completed);
}
