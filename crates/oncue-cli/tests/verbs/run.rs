//! End to end: a real broker, a real task server, and `oncue` in between.
//!
//! The package's program is this test program itself: processes started by the tests or the broker
//! play the ignored parts below.

use std::env;
use std::error::Error;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Stdio};
use std::sync::mpsc;

use crate::stage::{Stage, plays_part, said};
use oncue::{
    BackgroundTask, BackgroundTaskBuilder, BackgroundTaskInstance, ClassUse, Guid, IdlePolicy, OneShot,
    SystemCondition, SystemConditionType, TaskError, TaskServer, TimeTrigger, TriggerDetails,
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

pub(crate) const COMPLETES: Guid = Guid::from_u128(0x10);
pub(crate) const FAILS: Guid = Guid::from_u128(0x20);
const CRASHES: Guid = Guid::from_u128(0x30);
const WAITS: Guid = Guid::from_u128(0x40);
const DEAF: Guid = Guid::from_u128(0x50);
pub(crate) const TELLS: Guid = Guid::from_u128(0x60);
const FORGETS: Guid = Guid::from_u128(0x70);

/// The progress of a cancelled run, to which the number of the reason is added.
pub(crate) const CANCELLED: u32 = 1_000;

struct Task(Guid);

impl BackgroundTask for Task {
    fn run(&self, instance: &BackgroundTaskInstance) -> Result<(), TaskError> {
        instance.set_progress(10);
        match self.0 {
            // The ledger keeps the error of a run.
            TELLS => return Err(told(instance.trigger_details()).into()),
            FAILS => return Err("the disk is full".into()),
            CRASHES => {
                eprintln!("the last words");
                std::process::abort();
            }
            WAITS => {
                let (sender, cancelled) = mpsc::channel();
                instance.on_canceled(move |_, reason| {
                    let _ = sender.send(reason);
                });
                let reason = cancelled.recv()?;
                // The tests read from the ledger what the task received.
                instance.set_progress(CANCELLED + reason as u32);
            }
            // A deferral that is neither completed nor dropped keeps the run open.
            FORGETS => std::mem::forget(instance.deferral()),
            DEAF => loop {
                std::thread::park();
            },
            _ => instance.set_progress(100),
        }
        Ok(())
    }
}

fn told(details: &TriggerDetails) -> String {
    format!("{:?} ×{}: {}", details.kind(), details.firings, details.items.join(", "))
}

#[test]
#[ignore = "a process that the broker starts"]
fn serves() -> Result<(), Box<dyn Error>> {
    if !plays_part() {
        return Ok(());
    }
    let server = TaskServer::new()?;
    for class in [COMPLETES, FAILS, CRASHES, WAITS, DEAF, TELLS, FORGETS] {
        server.register_class_object(class, move || Task(class), ClassUse::Multiple)?;
    }
    Ok(server.wait(IdlePolicy::AfterFirstCompletion)?)
}

#[test]
#[ignore = "a process that the tests start"]
fn registers() -> Result<(), Box<dyn Error>> {
    if !plays_part() {
        return Ok(());
    }
    for (name, class) in [("quick", COMPLETES), ("failing", FAILS), ("crashing", CRASHES), ("waiting", WAITS)]
    {
        task(name, class).register()?;
    }
    let online = SystemCondition::new(SystemConditionType::InternetAvailable);
    let offline = SystemCondition::new(SystemConditionType::InternetNotAvailable);
    task("never", COMPLETES).add_condition(online).add_condition(offline).register()?;
    Ok(())
}

#[test]
#[ignore = "a process that the tests start"]
fn registers_what_does_not_listen() -> Result<(), Box<dyn Error>> {
    if !plays_part() {
        return Ok(());
    }
    let short = std::time::Duration::from_millis(200);
    task("deaf", DEAF).set_grace(short).register()?;
    task("forgetful", FORGETS).set_time_limit(short).set_grace(short).register()?;
    Ok(())
}

pub(crate) fn task(name: &str, class: Guid) -> BackgroundTaskBuilder {
    let mut task = BackgroundTaskBuilder::new();
    task.set_name(name).set_task_entry_point_clsid(class).set_trigger(TimeTrigger::new(15, OneShot::No));
    task
}

/// A stage with a broker, a package, and its tasks.
pub(crate) fn set() -> Stage {
    let mut stage = Stage::new();
    stage.start_broker();
    furnish(&stage);
    stage
}

/// Adds the package, and has it register its tasks.
pub(crate) fn furnish(stage: &Stage) {
    let program = make_package(stage);
    stage.done(&["package", "add", "package"]);
    let registered =
        said(stage.program(&program, &["--exact", "--ignored", "run::registers"]).output().unwrap());
    assert_eq!(registered.code, Some(0), "{registered:?}");
}

pub(crate) fn make_package(stage: &Stage) -> PathBuf {
    let sample = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/primes/AppxManifest.xml");
    let class = |id: Guid| format!("<com:Class Id=\"{id}\" DisplayName=\"One\" />");
    let sample = fs::read_to_string(sample).unwrap();
    let only = "<com:Class Id=\"14C5882B-35D3-41BE-86B2-5106269B97E6\" DisplayName=\"Sample Task\" />";
    assert!(sample.contains(only));
    let manifest = sample
        .replace(only, &[COMPLETES, FAILS, CRASHES, WAITS, DEAF, TELLS, FORGETS].map(class).concat())
        .replace("-StartSampleTaskServer", "--exact --ignored --nocapture run::serves")
        .replace("SamplePackagedWinMainBackgroundApp", "Stage");
    stage.write("package/AppxManifest.xml", &manifest);
    let program = stage.path("package/primes");
    let own = env::current_exe().unwrap();
    fs::hard_link(&own, &program).or_else(|_| fs::copy(&own, &program).map(drop)).unwrap();
    program
}

/// Starts `oncue run --wait waiting` and returns once the run has begun.
pub(crate) fn wait_for_waiting(stage: &Stage) -> (Child, BufReader<ChildStderr>) {
    let mut command = stage.oncue(&["run", "--wait", "waiting"]);
    let mut waits = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(waits.stderr.take().unwrap());
    until(&mut stderr, "progress 10");
    (waits, stderr)
}

pub(crate) fn until(lines: &mut BufReader<ChildStderr>, wanted: &str) {
    let mut line = String::new();
    while !line.contains(wanted) {
        line.clear();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0, "`{wanted}` was never said");
    }
}

fn names(tasks: &Value) -> Vec<&str> {
    tasks.as_array().unwrap().iter().map(|task| task["name"].as_str().unwrap()).collect()
}

#[test]
fn a_run_is_followed_to_its_end_and_written_down() {
    let stage = set();
    let said = stage.says(&["run", "--wait", "quick"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.starts_with("quick started (run "), "{said:?}");
    assert!(said.out.contains("\ncompleted after "), "{said:?}");
    assert!(said.out.ends_with(", progress 100\n"), "{said:?}");

    let fired = stage.json(&["run", "--wait", "--json", "Stage/quick"]);
    assert_eq!((&fired["state"], &fired["run"]["outcome"]), (&"started".into(), &"completed".into()));
    let history = stage.json(&["history", "quick", "--json"]);
    assert_eq!(history.as_array().unwrap().len(), 2);
    assert_eq!(history[0], fired["run"], "the latest is the first");
    let quick = stage.json(&["show", "quick", "--json"]);
    assert_eq!((&quick["state"], &quick["last"]["outcome"]), (&"armed".into(), &"completed".into()));
}

#[test]
fn a_run_that_does_not_complete_fails_who_waits() {
    let stage = set();
    let failed = stage.says(&["run", "--wait", "failing"]);
    assert_eq!(failed.code, Some(1), "{failed:?}");
    assert!(
        failed.out.contains("\nfailed after ") && failed.out.contains("\n  the disk is full\n"),
        "{failed:?}"
    );

    let crashed = stage.says(&["run", "--wait", "crashing"]);
    assert_eq!(crashed.code, Some(1), "{crashed:?}");
    assert!(crashed.out.contains("SIGABRT") && crashed.out.contains("  the last words\n"), "{crashed:?}");
    let history = stage.done(&["history", "crashing"]);
    assert!(history.contains("crashed"), "{history}");
}

#[test]
fn a_run_is_cancelled_and_who_waits_learns_of_it() {
    let stage = set();
    let (waits, _stderr) = wait_for_waiting(&stage);
    assert!(stage.done(&["show", "waiting"]).contains("running, progress 10"));
    let again = stage.done(&["run", "waiting"]);
    assert_eq!(again, "waiting is already running; it runs again when this run has ended\n");

    let cancelled = stage.done(&["cancel", "waiting"]);
    assert!(cancelled.starts_with("waiting: cancelled (Abort) after "), "{cancelled}");
    let waited = said(waits.wait_with_output().unwrap());
    assert_eq!(waited.code, Some(1), "{waited:?}");
    assert!(waited.out.contains("\ncancelled (Abort) after "), "{waited:?}");
}

#[test]
fn a_run_that_does_not_listen_is_killed_after_its_grace() {
    let stage = set();
    let program = stage.path("package/primes");
    let part = ["--exact", "--ignored", "run::registers_what_does_not_listen"];
    let registered = said(stage.program(&program, &part).output().unwrap());
    assert_eq!(registered.code, Some(0), "{registered:?}");
    let mut command = stage.oncue(&["run", "--wait", "deaf"]);
    let mut waits = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    until(&mut BufReader::new(waits.stderr.take().unwrap()), "progress 10");
    let killed = stage.done(&["cancel", "deaf"]);
    assert!(killed.starts_with("deaf: killed (Abort) after "), "{killed}");
    assert_eq!(waits.wait().unwrap().code(), Some(1));
    let entry = stage.json(&["history", "deaf", "--json"])[0].clone();
    assert_eq!((&entry["outcome"], &entry["exit_status"]), (&"killed".into(), &"SIGKILL".into()));
}

#[test]
fn a_deferral_that_is_never_completed_ends_with_the_time_limit() {
    let stage = set();
    let program = stage.path("package/primes");
    let part = ["--exact", "--ignored", "run::registers_what_does_not_listen"];
    let registered = said(stage.program(&program, &part).output().unwrap());
    assert_eq!(registered.code, Some(0), "{registered:?}");
    let forgetful = stage.says(&["run", "--wait", "forgetful"]);
    assert_eq!(forgetful.code, Some(1), "{forgetful:?}");
    let entry = stage.json(&["history", "forgetful", "--json"])[0].clone();
    assert_eq!((&entry["outcome"], &entry["reason"]), (&"killed".into(), &"ExecutionTimeExceeded".into()));
    assert_eq!((&entry["progress"], &entry["exit_status"]), (&10.into(), &"SIGKILL".into()));
}

#[test]
fn ctrl_c_stops_waiting_and_not_the_run() {
    let stage = set();
    let (waits, mut stderr) = wait_for_waiting(&stage);
    kill_process(Pid::from_child(&waits), Signal::INT).unwrap();
    until(&mut stderr, "no longer waiting; waiting continues");
    assert_eq!(said(waits.wait_with_output().unwrap()).code, Some(130));
    assert_eq!(stage.json(&["show", "waiting", "--json"])["state"], "running");
    stage.done(&["cancel", "--no-wait", "waiting"]);
}

#[test]
fn a_held_task_says_why_and_runs_by_force() {
    let stage = set();
    let held = stage.done(&["run", "never"]);
    assert!(held.starts_with("never is held because its condition fails:\n  "), "{held}");
    assert!(held.contains("internet: "), "{held}");
    let shown = stage.done(&["show", "never"]);
    assert!(shown.contains("held until its condition holds"), "{shown}");
    let dropped = stage.done(&["cancel", "never"]);
    assert!(dropped.starts_with("never: dropped"), "{dropped}");

    let refused = stage.says(&["cancel", "never"]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert!(stage.done(&["run", "--wait", "--force", "never"]).contains("completed"));
}

#[test]
fn what_is_not_there_is_not_found_and_what_is_ambiguous_is_refused() {
    let stage = set();
    for arguments in
        [&["show", "nobody"][..], &["history", "nobody"], &["list", "Nowhere"], &["package", "remove", "x"]]
    {
        let said = stage.says(arguments);
        assert_eq!(said.code, Some(4), "{arguments:?}: {said:?}");
        assert!(said.err.starts_with("error: no ") && said.err.contains("\n  try: "), "{said:?}");
    }
    let program = stage.path("package/primes");
    said(stage.program(&program, &["--exact", "--ignored", "run::registers"]).output().unwrap());
    let refused = stage.says(&["show", "quick"]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    let candidates: Vec<&str> = refused.err.lines().filter(|line| line.contains("/quick")).collect();
    assert_eq!(candidates.len(), 2, "{refused:?}");
    let id = candidates[0].split_whitespace().next().unwrap();
    assert_eq!(stage.json(&["show", &id[..13], "--json"])["task_id"], id);
}

#[test]
fn registrations_survive_the_death_of_the_broker() {
    let mut stage = set();
    let before = stage.json(&["list", "--json"]);
    assert_eq!(names(&before), ["crashing", "failing", "never", "quick", "waiting"]);
    let (waits, _stderr) = wait_for_waiting(&stage);
    stage.kill_broker();
    let waited = said(waits.wait_with_output().unwrap());
    assert_eq!(waited.code, Some(5), "{waited:?}");

    stage.start_broker();
    let after = stage.json(&["list", "--json"]);
    assert_eq!(names(&after), names(&before));
    assert_eq!(after[4]["last"]["outcome"], "lost");
    assert!(stage.done(&["run", "--wait", "quick"]).contains("completed"));
}

#[test]
fn what_was_removed_stays_in_the_ledger() {
    let stage = set();
    stage.done(&["run", "--wait", "quick"]);
    assert!(stage.done(&["remove", "quick"]).starts_with("quick of Stage_"));
    assert_eq!(stage.says(&["show", "quick"]).code, Some(4));
    assert_eq!(stage.json(&["history", "quick", "--json"])[0]["outcome"], "completed");

    assert!(stage.done(&["package", "list"]).contains("usable"));
    assert_eq!(stage.json(&["package", "show", "stage", "--json"])["tasks"], 4);
    assert!(stage.done(&["package", "remove", "Stage"]).ends_with(", with its 4 tasks\n"));
    assert_eq!(stage.done(&["package", "list", "--json"]), "[]\n");
    assert_eq!(stage.json(&["history", "--json"])[0]["outcome"], "completed");
}
