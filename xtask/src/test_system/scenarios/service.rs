//! The broker after log-in: installed by hand or because tasks are registered, as a service of the user.

use std::fs;

use serde_json::{Value, json};

use super::scenarios;
use crate::test_system::account::Account;
use crate::test_system::failure::Failure;
use crate::test_system::shell;
use crate::test_system::until::until;

scenarios!("service":
    an_installed_service_runs_what_was_missed_once_after_log_in,
    tasks_install_the_service_and_the_last_one_removes_it,
    a_program_that_is_replaced_takes_over_in_the_same_process,
    with_lingering_a_log_in_is_an_event_of_its_own,
);

const UNIT: &str = "/home/tester/.config/systemd/user/oncue.service";

/// The number of past runs of a task.
fn runs(account: &Account, task: &str) -> Result<usize, Failure> {
    let history = account.json(&["history", task])?;
    Ok(history.as_array().map_or(0, Vec::len))
}

fn is_so(what: &str, expected: &Value, seen: &Value) -> Result<(), Failure> {
    if seen == expected {
        return Ok(());
    }
    let (expected, seen) = (expected.to_string(), seen.to_string());
    Err(Failure::Unexpected { what: what.into(), expected, seen })
}

fn an_installed_service_runs_what_was_missed_once_after_log_in() -> Result<(), Failure> {
    let mut account = Account::new("")?;
    account.log_in()?;
    account.oncue(&["service", "install"])?;
    account.run("systemctl", &["--user", "is-active", "oncue.socket", "oncue.service"])?;
    account.has_status("/broker/started_by", &json!("service"))?;
    account.add_package()?;
    account.task_on("greets", "startup")?;
    let soon = shell::run(&["date", "--date=+6 seconds", "+%Y-%m-%d %H:%M:%S"])?;
    account.task_on("missed", &format!("calendar {soon}"))?;

    account.log_out(false)?;
    until("the time of the task", || Ok(shell::run(&["date", "+%Y-%m-%d %H:%M:%S"])? > soon))?;
    account.log_in()?;
    account.ran(&["greets", "missed"])?;
    account.has_status("/broker/started_by", &json!("service"))?;
    is_so("runs of what was missed", &json!(1), &json!(runs(&account, "missed")?))?;

    // The socket stays with systemd, so a client that calls after the broker has ended starts it again.
    account.oncue(&["daemon", "--stop"])?;
    account.has_status("/broker", &Value::Null)?;
    is_so("runs of what starts at log-in", &json!(1), &json!(runs(&account, "greets")?))?;
    account.has_status("/broker/started_by", &json!("service"))?;

    account.oncue(&["service", "uninstall"])?;
    account.has_status("/log_in", &Value::Null)?;
    account.log_out(false)?;
    account.log_in()?;
    account.has_status("/broker", &Value::Null)
}

fn tasks_install_the_service_and_the_last_one_removes_it() -> Result<(), Failure> {
    let mut account = Account::new("[service]\nstay = \"1s\"\n")?;
    account.log_in()?;
    account.add_package()?;
    account.task_on("greets", "startup")?;
    account.has_status("/installed_by", &json!("broker"))?;
    account.has_status("/broker/started_by", &json!("client"))?;
    account.log_out(false)?;
    account.log_in()?;
    account.ran(&["greets"])?;
    account.has_status("/broker/started_by", &json!("service"))?;
    account.oncue(&["remove", "greets", "--yes"])?;
    account.has_status("/log_in", &Value::Null)?;
    is_so("whether the unit is there", &json!(false), &json!(fs::exists(UNIT).unwrap_or(true)))?;
    account.log_out(false)?;
    account.log_in()?;
    account.has_status("/broker", &Value::Null)
}

fn a_program_that_is_replaced_takes_over_in_the_same_process() -> Result<(), Failure> {
    let mut account = Account::new("")?;
    account.log_in()?;
    let (own, new) = ("/home/tester/bin/oncue", "/home/tester/bin/new");
    account.run("cp", &["/usr/local/bin/oncue", own])?;
    account.run(own, &["service", "install"])?;
    account.add_package()?;
    account.task_on("asked", "every 29d")?;
    account.has_status("/executable_state", &json!("there"))?;
    let status = account.json(&["service", "status"])?;
    account.run("cp", &["/usr/local/bin/oncue", new])?;
    account.run("mv", &[new, own])?;
    let runs = format!("/proc/{}/exe", status["broker"]["pid"]);
    let inode = |path: &str| account.run("stat", &["--dereference", "--format=%i", path]);
    until("the takeover", || Ok(inode(&runs)? == inode(own)?))?;
    account.has_status("/broker/pid", &status["broker"]["pid"])?;
    account.has_status("/executable_state", &json!("there"))?;
    account.has_status("/broker/started_by", &json!("service"))?;
    account.run("systemctl", &["--user", "is-active", "oncue.socket", "oncue.service"])?;
    account.oncue(&["run", "asked", "--wait"])?;
    account.ran(&["asked"])?;
    account.oncue(&["daemon", "--stop"])?;
    account.oncue(&["run", "asked", "--wait"])?;
    account.ran(&["asked"])?;
    account.has_status("/broker/started_by", &json!("service"))?;

    account.run("rm", &[own])?;
    account.has_status("/program_state", &json!("gone"))
}

fn with_lingering_a_log_in_is_an_event_of_its_own() -> Result<(), Failure> {
    let mut account = Account::new("")?;
    account.log_in()?;
    account.oncue(&["service", "install"])?;
    account.add_package()?;
    account.task_on("greets", "startup")?;
    shell::run(&["loginctl", "enable-linger", "tester"])?;
    account.has_status("/linger", &json!(true))?;
    account.log_out(true)?;
    account.has_status("/broker/started_by", &json!("service"))?;
    account.log_in()?;
    account.ran(&["greets"])?;
    is_so("runs at log-in", &json!(1), &json!(runs(&account, "greets")?))
}
