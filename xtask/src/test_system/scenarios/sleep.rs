//! Sleep and shutdown, announced by logind and delayed by the broker.
//!
//! In the guest, sleep waits for the suite and shutdown is an empty target: logind performs all
//! steps, but nothing happens.

use std::fs;
use std::time::{Duration, Instant};

use super::scenarios;
use crate::test_system::app::Class;
use crate::test_system::failure::Failure;
use crate::test_system::login::manager;
use crate::test_system::shell;
use crate::test_system::stage::Stage;
use crate::test_system::until::until;

scenarios!("sleep":
    sleep_is_not_held_up_and_what_fires_in_it_runs_on_waking,
    shutting_down_waits_until_what_runs_was_told_and_has_ended,
);

/// How long logind waits for inhibitors.
const GRANTED: Duration = Duration::from_secs(5);

/// Waits until the broker delays both, as it does when neither is in progress.
fn both_are_delayed() -> Result<(), Failure> {
    until("a delay of sleep and of shutdown", || {
        let held = manager("ListInhibitors", &[])?;
        Ok(["sleep", "shutdown"].iter().all(|what| held.contains(&format!("\"{what}\" \"oncue\""))))
    })
}

/// Waits until systemd begins what logind announced, which must be before logind stops waiting.
fn begins(unit: &str, state: &str, since: Instant) -> Result<(), Failure> {
    until(unit, || {
        Ok(shell::run(&["systemctl", "show", "--property=ActiveState", "--value", unit])? == state)
    })?;
    if since.elapsed() < GRANTED {
        return Ok(());
    }
    Err(Failure::TooLate { what: unit.to_owned(), seconds: GRANTED.as_secs() })
}

/// The pipe at which the guest's sleep waits.
const ASLEEP: &str = "/run/oncue-suite.asleep";

fn sleep_is_not_held_up_and_what_fires_in_it_runs_on_waking() -> Result<(), Failure> {
    let _ = fs::remove_file(ASLEEP);
    shell::run(&["mkfifo", ASLEEP])?;
    let stage = Stage::set()?;
    stage.task("dreamt", Class::Quick, "")?;
    both_are_delayed()?;
    let asked = Instant::now();
    manager("Suspend", &["b", "false"])?;
    begins("systemd-suspend.service", "activating", asked)?;
    stage.fire_and_hold("dreamt")?;
    fs::write(ASLEEP, "wake up").map_err(Failure::system(ASLEEP))?;
    stage.ran("dreamt")?;
    both_are_delayed()
}

fn shutting_down_waits_until_what_runs_was_told_and_has_ended() -> Result<(), Failure> {
    shell::run(&["systemctl", "stop", "reboot.target"])?;
    let stage = Stage::set()?;
    stage.task("staying", Class::Stays, "")?;
    stage.fire_and_run("staying")?;
    both_are_delayed()?;
    let asked = Instant::now();
    manager("Reboot", &["b", "false"])?;
    stage.told("staying", "Terminating")?;
    begins("reboot.target", "active", asked)?;
    // The empty target acts like a shutdown that is called off.
    both_are_delayed()?;
    stage.fire_and_run("staying")
}
