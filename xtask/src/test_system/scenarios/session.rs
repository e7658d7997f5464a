//! The user's session, as logind sees it.

use std::fs;
use std::process::Command;

use super::scenarios;
use crate::test_system::app::Class;
use crate::test_system::failure::Failure;
use crate::test_system::login::Login;
use crate::test_system::shell;
use crate::test_system::stage::Stage;

scenarios!("session":
    a_lock_sends_the_user_away,
    an_idle_session_is_left,
    another_session_in_the_foreground_disconnects,
    tasks_are_triggered_by_the_user_who_goes_and_comes_back,
    logind_may_be_restarted,
    without_logind_the_user_counts_as_present,
    logging_off_tells_what_runs,
    logging_off_tells_what_a_service_runs,
    a_run_gets_the_variables_of_the_user_manager,
);

fn present_and_away() -> Result<Stage, Failure> {
    let stage = Stage::set()?;
    stage.task("present", Class::Quick, "user-present")?;
    stage.task("away", Class::Quick, "user-not-present")?;
    Ok(stage)
}

fn a_lock_sends_the_user_away() -> Result<(), Failure> {
    let stage = present_and_away()?;
    stage.fire_and_run("present")?;
    stage.fire_and_hold("away")?;
    stage.login().call("SetLockedHint", &["b", "true"])?;
    stage.ran("away")?;
    stage.fire_and_hold("present")?;
    stage.login().call("SetLockedHint", &["b", "false"])?;
    stage.ran("present")
}

fn an_idle_session_is_left() -> Result<(), Failure> {
    let stage = present_and_away()?;
    stage.fire_and_hold("away")?;
    stage.login().call("SetIdleHint", &["b", "true"])?;
    stage.ran("away")?;
    stage.fire_and_hold("present")?;
    stage.login().call("SetIdleHint", &["b", "false"])?;
    stage.ran("present")
}

fn another_session_in_the_foreground_disconnects() -> Result<(), Failure> {
    let stage = Stage::set()?;
    stage.task("connected", Class::Quick, "session-connected")?;
    stage.task("disconnected", Class::Quick, "session-disconnected")?;
    stage.fire_and_run("connected")?;
    stage.fire_and_hold("disconnected")?;
    let other = |command: &mut Command| {
        command.args(["sleep", "infinity"]);
    };
    let (other, mut process) = Login::with_first_process("other", other)?;
    stage.ran("disconnected")?;
    stage.fire_and_hold("connected")?;
    stage.login().call("Activate", &[])?;
    stage.ran("connected")?;
    drop(other);
    process.wait().map(drop).map_err(Failure::system("the other session"))
}

fn tasks_are_triggered_by_the_user_who_goes_and_comes_back() -> Result<(), Failure> {
    let stage = Stage::set()?;
    stage.task_on("gone", Class::Quick, "on user-away", "")?;
    stage.task_on("back", Class::Quick, "on user-present", "")?;
    stage.login().call("SetLockedHint", &["b", "true"])?;
    stage.ran("gone")?;
    stage.login().call("SetLockedHint", &["b", "false"])?;
    stage.ran("back")
}

fn logind_may_be_restarted() -> Result<(), Failure> {
    let stage = present_and_away()?;
    stage.fire_and_hold("away")?;
    shell::run(&["systemctl", "restart", "systemd-logind"])?;
    stage.login().call("SetLockedHint", &["b", "true"])?;
    stage.ran("away")
}

fn without_logind_the_user_counts_as_present() -> Result<(), Failure> {
    let stage = present_and_away()?;
    stage.login().call("SetLockedHint", &["b", "true"])?;
    stage.fire_and_hold("present")?;
    // It would be restarted by any client, so it must be masked.
    shell::run(&[
        "systemctl",
        "mask",
        "--runtime",
        "--now",
        "systemd-logind",
        "dbus-org.freedesktop.login1",
    ])?;
    let ran = stage.ran("present");
    shell::run(&["systemctl", "unmask", "--runtime", "systemd-logind", "dbus-org.freedesktop.login1"])?;
    shell::run(&["systemctl", "start", "systemd-logind"])?;
    ran
}

fn logging_off_tells_what_runs() -> Result<(), Failure> {
    logging_off(Stage::set()?)
}

fn logging_off_tells_what_a_service_runs() -> Result<(), Failure> {
    logging_off(Stage::set_with_service()?)
}

fn logging_off(mut stage: Stage) -> Result<(), Failure> {
    stage.task("staying", Class::Stays, "")?;
    stage.fire_and_run("staying")?;
    stage.login().call("Terminate", &[])?;
    stage.told("staying", "LoggingOff")?;
    stage.broker_ends()
}

fn a_run_gets_the_variables_of_the_user_manager() -> Result<(), Failure> {
    let stage = Stage::set()?;
    let user_id = shell::run(&["id", "--user", "tester"])?;
    let runtime = format!("XDG_RUNTIME_DIR=/run/user/{user_id}");
    let set = ["systemctl", "--user", "set-environment", "ONCUE_SUITE=told"];
    stage.speak("/usr/bin/env", &[&[&*runtime][..], &set].concat())?;
    stage.task("stays", Class::Stays, "")?;
    stage.fire_and_run("stays")?;
    let server = shell::run(&["pgrep", "--uid", "tester", "--full", "suite test-system-app serve"])?;
    let environment = format!("/proc/{server}/environ");
    let environment = fs::read(&environment).map_err(Failure::system(environment))?;
    let environment = String::from_utf8_lossy(&environment).replace('\0', "\n");
    if environment.lines().any(|line| line == "ONCUE_SUITE=told") {
        return Ok(());
    }
    let (what, expected) = ("the environment of a run".to_owned(), "ONCUE_SUITE=told".to_owned());
    Err(stage.with_log(Failure::Unexpected { what, expected, seen: environment }))
}
