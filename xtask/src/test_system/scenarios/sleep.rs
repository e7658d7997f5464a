//! Sleep and shutdown, announced by logind and delayed by the broker.

use std::time::{Duration, Instant};

use super::scenarios;
use crate::test_system::app::Class;
use crate::test_system::failure::Failure;
use crate::test_system::login::manager;
use crate::test_system::shell;
use crate::test_system::stage::Stage;
use crate::test_system::until::until;

scenarios!("sleep":
    sleep_is_not_held_up_by_a_broker_with_nothing_to_do,
    shutting_down_tells_what_runs_and_waits_for_it,
);

/// How long logind waits for those who delay.
const GRANTED: Duration = Duration::from_secs(5);

/// Whether the broker delays sleep and shutdown.
fn delays() -> Result<bool, Failure> {
    Ok(manager("ListInhibitors", &[])?.contains("\"shutdown:sleep\" \"oncue\""))
}

fn expect_delay(expected: bool) -> Result<(), Failure> {
    let what = if expected { "an inhibitor that is held" } else { "an inhibitor that is let go" };
    until(what, || Ok(delays()? == expected))
}

fn sleep_is_not_held_up_by_a_broker_with_nothing_to_do() -> Result<(), Failure> {
    let stage = Stage::set()?;
    expect_delay(true)?;
    let asked = Instant::now();
    manager("Suspend", &["b", "false"])?;
    // It is let go for sleep and taken again after waking.
    shell::run(&["systemctl", "start", "--wait", "suspend.target"])?;
    if asked.elapsed() >= GRANTED {
        return Err(Failure::TooLate { what: "sleep".into(), seconds: GRANTED.as_secs() });
    }
    expect_delay(true)?;
    stage.task("awake", Class::Quick, "")?;
    stage.fire_and_run("awake")
}

fn shutting_down_tells_what_runs_and_waits_for_it() -> Result<(), Failure> {
    let mut stage = Stage::set()?;
    stage.task("staying", Class::Stays, "")?;
    stage.fire_and_run("staying")?;
    expect_delay(true)?;
    manager("Reboot", &["b", "false"])?;
    stage.told("staying", "Terminating")?;
    stage.broker_ends()?;
    expect_delay(false)
}
