//! Listeners that do not read: no run waits for them, and the broker keeps only a limited amount.

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Stdio};

use oncue::tools::{Access, Broker, Notice, Watched};

use crate::run::{COMPLETES, set, task};
use crate::stage::{Stage, plays_part, said};

/// The number of tasks, and how often the user changes what their package may do; each change
/// causes a notice for every task.
const TASKS: usize = 200;
const CHANGES: usize = 40;
/// How much the broker may grow while it keeps them, in KiB.
const GROWTH: u64 = 24 * 1_024;

#[test]
#[ignore = "a process that the tests start"]
fn registers_many() -> Result<(), Box<dyn Error>> {
    if !plays_part() {
        return Ok(());
    }
    for number in 0..TASKS {
        task(&format!("task {number}"), COMPLETES).register()?;
    }
    Ok(())
}

#[test]
#[ignore = "a process that the tests start"]
fn changes_access() -> Result<(), Box<dyn Error>> {
    if !plays_part() {
        return Ok(());
    }
    let broker = Broker::connect_running()?;
    let package = broker.packages()?.remove(0).family_name;
    for access in [Access::Always, Access::Policy].into_iter().cycle().take(CHANGES) {
        broker.set_access(&package, access)?;
    }
    Ok(())
}

#[test]
#[ignore = "a process that the tests start"]
fn listens() -> Result<(), Box<dyn Error>> {
    if !plays_part() {
        return Ok(());
    }
    let watch = Broker::connect_running()?.watch(Watched::All)?;
    println!("listening");
    let before_the_end = watch.take_while(|notice| !matches!(notice, Notice::Ended(_)));
    let changes = before_the_end.filter(|notice| matches!(notice, Notice::TaskChanged(_))).count();
    println!("told {changes}");
    Ok(())
}

#[test]
#[ignore = "a process that the tests start"]
fn listens_and_does_not_read() -> Result<(), Box<dyn Error>> {
    if !plays_part() {
        return Ok(());
    }
    let watch = Broker::connect_running()?.watch(Watched::All)?;
    println!("listening");
    // Until the test closes this process's input, nothing is read.
    io::stdin().read_to_end(&mut Vec::new())?;
    // A listener that is not disconnected receives all notices, and then its connection would not
    // end.
    println!("told {}", watch.take(TASKS * CHANGES).count());
    Ok(())
}

fn part(stage: &Stage, name: &str) -> (Child, impl Iterator<Item = String>) {
    let own = env::current_exe().unwrap();
    let name = format!("listeners::{name}");
    let mut command = stage.program(&own, &["--exact", "--ignored", "--nocapture", &name]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.ends_with("listening")));
    (child, lines)
}

/// Returns the memory of the broker, in KiB.
fn resident(stage: &Stage) -> u64 {
    let pid = &stage.report()["broker"]["pid"];
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Plays a part to its end.
fn plays(stage: &Stage, program: &Path, name: &str) {
    let name = format!("listeners::{name}");
    let played = said(stage.program(program, &["--exact", "--ignored", &name]).output().unwrap());
    assert_eq!(played.code, Some(0), "{played:?}");
}

/// Returns how many notices a listener says it received.
fn count(lines: impl Iterator<Item = String>) -> usize {
    // Read to the end, because a program that cannot write fails.
    let lines: Vec<String> = lines.collect();
    lines.iter().find_map(|line| line.strip_prefix("told ")?.parse().ok()).unwrap()
}

#[test]
fn a_listener_that_does_not_read_slows_nobody_and_is_cut_off() {
    let stage = set();
    plays(&stage, &stage.path("package/primes"), "registers_many");
    let (mut slow, slow_lines) = part(&stage, "listens_and_does_not_read");
    let (mut prompt, prompt_lines) = part(&stage, "listens");
    let before = resident(&stage);

    plays(&stage, &env::current_exe().unwrap(), "changes_access");
    // Runs are not affected by the listener that does not read, and listeners that read receive
    // everything.
    assert!(stage.done(&["run", "--wait", "quick"]).contains("\ncompleted after "));
    assert!(count(prompt_lines) >= TASKS * CHANGES);
    assert!(prompt.wait().unwrap().success());
    let grown = resident(&stage).saturating_sub(before);
    assert!(grown < GROWTH, "the broker grew by {grown} KiB");

    // Its connection has ended although the broker lives; it can still read what is in the socket.
    drop(slow.stdin.take());
    let told = count(slow_lines);
    assert!(told < TASKS * CHANGES, "{told} notices came through");
    assert!(slow.wait().unwrap().success());
}
