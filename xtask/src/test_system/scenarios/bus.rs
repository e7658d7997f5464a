//! The broker on the session bus of a user who is logged in.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use super::scenarios;
use crate::test_system::account::Account;
use crate::test_system::failure::Failure;

scenarios!("bus":
    a_call_by_name_starts_the_installed_broker,
    programs_drive_the_broker_over_the_bus,
    a_flood_over_the_bus_leaves_room_for_others,
    a_name_that_another_program_has_is_said_and_taken_later,
);

const SCRIPT: &str = include_str!("bus.py");

const NAME: &str = "org.oncue.Broker1";
const PATH: &str = "/org/oncue/Broker1";
const SERVICE: &str = "/home/tester/.local/share/dbus-1/services/org.oncue.Broker1.service";

/// Calls a method without arguments.
fn busctl(account: &Account, method: &str) -> Result<String, Failure> {
    account.run("busctl", &["--user", "call", NAME, PATH, NAME, method])
}

fn script() -> Result<&'static str, Failure> {
    let path = "/run/oncue-bus.py";
    fs::write(path, SCRIPT).map_err(Failure::system(path))?;
    Ok(path)
}

/// Starts a part of the script, and waits for its first line.
fn begin(account: &Account, part: &str) -> Result<Child, Failure> {
    let mut command = account.command("/usr/bin/python3");
    command.args([script()?, part]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(Failure::system("python3"))?;
    let mut said = String::new();
    if let Some(stdout) = child.stdout.take() {
        BufReader::new(stdout).read_line(&mut said).map_err(Failure::system("hearing the script"))?;
    }
    if said.is_empty() {
        return Err(ended(child, part).err().unwrap_or_else(|| Failure::App(format!("{part} said nothing"))));
    }
    Ok(child)
}

/// Waits until a part of the script has ended well.
fn ended(child: Child, part: &str) -> Result<(), Failure> {
    let output = child.wait_with_output().map_err(Failure::system("waiting for the script"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(Failure::App(format!("{part}: {}", String::from_utf8_lossy(&output.stderr))))
}

fn a_call_by_name_starts_the_installed_broker() -> Result<(), Failure> {
    let mut account = Account::new("")?;
    account.log_in()?;
    account.oncue(&["service", "install"])?;
    account.has_status("/session_bus", &json!("broker"))?;
    account.oncue(&["daemon", "--stop"])?;
    account.has_status("/session_bus", &json!("activatable"))?;
    busctl(&account, "About")?;
    account.has_status("/broker/started_by", &json!("service"))?;
    account.has_status("/session_bus", &json!("broker"))?;

    account.oncue(&["service", "uninstall"])?;
    account.oncue(&["daemon", "--stop"])?;
    account.has_status("/session_bus", &json!("free"))?;
    let there = fs::exists(SERVICE).unwrap_or(true);
    match (there, busctl(&account, "About")) {
        (false, Err(_)) => account.has_status("/broker", &Value::Null),
        (there, called) => Err(Failure::Unexpected {
            what: "after uninstalling".into(),
            expected: "no service file and no answer".into(),
            seen: format!("file: {there}, answer: {}", called.unwrap_or_default()),
        }),
    }
}

fn programs_drive_the_broker_over_the_bus() -> Result<(), Failure> {
    let mut account = Account::new("")?;
    account.log_in()?;
    account.add_package()?;
    account.task_on("greets", "every 29d")?;
    account.has_status("/session_bus", &json!("broker"))?;
    account.run("busctl", &["--user", "introspect", NAME, PATH])?;
    let tree = account.run("busctl", &["--user", "tree", "--list", NAME])?;
    if !tree.lines().any(|line| line == PATH) {
        return Err(Failure::Unexpected { what: "the tree".into(), expected: PATH.into(), seen: tree });
    }
    let method = format!("{NAME}.Facts");
    account
        .run("gdbus", &["call", "--session", "--dest", NAME, "--object-path", PATH, "--method", &method])?;
    account.run("/usr/bin/python3", &[script()?, "drive"])?;
    account.ran(&["greets"])
}

fn a_flood_over_the_bus_leaves_room_for_others() -> Result<(), Failure> {
    let mut account = Account::new("")?;
    account.log_in()?;
    account.add_package()?;
    account.has_status("/session_bus", &json!("broker"))?;
    let flood = begin(&account, "flood")?;
    for _ in 0..20 {
        busctl(&account, "Facts")?;
        account.oncue(&["list"])?;
    }
    ended(flood, "flood")
}

fn a_name_that_another_program_has_is_said_and_taken_later() -> Result<(), Failure> {
    let mut account = Account::new("")?;
    account.log_in()?;
    let mut owner = begin(&account, "own")?;
    account.add_package()?;
    account.has_status("/session_bus", &json!("other"))?;
    drop(owner.stdin.take());
    ended(owner, "own")?;
    account.has_status("/session_bus", &json!("broker"))
}
