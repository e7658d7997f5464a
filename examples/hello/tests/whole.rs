//! The whole example, as a person has it who wrote no manifest: started, fired, run, and remembered.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../stage.rs"]
#[expect(dead_code, reason = "this example keeps no data")]
mod stage;

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use oncue::tools::{Broker, Notice, Of, Watched};
use stage::Stage;

const REGISTERED: &str = "registered Hello (every 15m)\n";

fn stage() -> (Stage, PathBuf) {
    let stage = Stage::new(env!("CARGO_BIN_EXE_hello"), None);
    let program = PathBuf::from(stage.command(&[]).get_program());
    (stage, program.with_file_name("hello.AppxManifest.xml"))
}

#[test]
fn the_program_alone_is_registered_fired_run_and_remembered() {
    let (stage, manifest) = stage();
    assert_eq!(stage.says(&[]), REGISTERED);
    let written = fs::read_to_string(&manifest).unwrap();
    assert_eq!(stage.says(&["--oncue-manifest"]), written);

    let mut tool = Command::new(env::current_exe().unwrap());
    tool.args(["--exact", "fire_and_await_the_end", "--ignored", "--nocapture"]);
    for (name, value) in stage.command(&[]).get_envs() {
        tool.env(name, value.unwrap_or_default());
    }
    let said = tool.output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains("ended: completed, 100 %; in the history: 1\n"), "{said}");
    assert_eq!(stage.says(&[]), REGISTERED, "the second start keeps the task");
}

/// Fires the task as a person does with `oncue run`.
#[test]
#[ignore = "another test starts it, with its broker"]
fn fire_and_await_the_end() {
    let broker = Broker::connect_running().unwrap();
    let [task] = &broker.find("Hello").unwrap()[..] else { panic!("registered once") };
    let mut watch = broker.watch(Watched::All).unwrap();
    broker.fire(task.task_id, oncue::Force::No).unwrap();
    let ended = watch.find_map(|notice| match notice {
        Notice::Ended(entry) => Some(entry),
        _ => None,
    });
    let ended = ended.unwrap();
    let history = broker.history(Of::Task(task.task_id), 10).unwrap();
    println!("ended: {}, {} %; in the history: {}", ended.outcome, ended.progress.unwrap(), history.len());
}

#[test]
fn a_manifest_that_is_out_of_date_is_written_again_and_read_again() {
    let (stage, manifest) = stage();
    assert_eq!(stage.says(&[]), REGISTERED);
    let written = fs::read_to_string(&manifest).unwrap();
    let class = written.split("Class Id=\"").nth(1).unwrap().split('"').next().unwrap();
    fs::write(&manifest, written.replace(class, "14c5882b-35d3-41be-86b2-5106269b97e6")).unwrap();
    // A server writes nothing, and the broker now knows what the file says.
    let refused = stage.command(&["--oncue-serve"]).output().unwrap();
    assert!(String::from_utf8(refused.stderr).unwrap().contains(class), "its class is no longer declared");
    assert_eq!(stage.says(&[]), REGISTERED);
    assert_eq!(fs::read_to_string(&manifest).unwrap(), written);
}

#[test]
fn a_file_that_another_wrote_is_left_alone() {
    let (stage, manifest) = stage();
    fs::write(&manifest, "<mine/>").unwrap();
    let refused = stage.command(&[]).output().unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8(refused.stderr).unwrap().contains("hello.AppxManifest.xml"));
    assert_eq!(fs::read_to_string(&manifest).unwrap(), "<mine/>");
}
