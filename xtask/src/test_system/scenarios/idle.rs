//! A broker that has nothing to do.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::scenarios;
use crate::test_system::app::Class;
use crate::test_system::failure::Failure;
use crate::test_system::stage::Stage;

scenarios!("idle": an_idle_broker_makes_no_system_call_for_a_minute);

fn an_idle_broker_makes_no_system_call_for_a_minute() -> Result<(), Failure> {
    const TRACE: &str = "/run/oncue-suite.trace";
    let stage = Stage::set()?;
    stage.task("held", Class::Quick, "user-not-present")?;
    stage.task("armed", Class::Quick, "")?;
    stage.fire_and_run("armed")?;
    stage.fire_and_hold("held")?;
    // The server that ran it ends, and the runtime gives up the thread that started it: it keeps an
    // idle one for ten seconds.
    std::thread::sleep(Duration::from_secs(15));
    let broker = stage.login().first_process()?;
    let mut strace = Command::new("strace")
        .args(["--follow-forks", "--output", TRACE, "--attach", &broker])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(Failure::system("strace"))?;
    std::thread::sleep(Duration::from_secs(60));
    let stopped = kill_process(Pid::from_child(&strace), Signal::INT);
    stopped.map_err(|errno| Failure::system("ending strace")(errno.into()))?;
    strace.wait().map_err(Failure::system("strace"))?;
    let trace = fs::read_to_string(TRACE).map_err(Failure::system(TRACE))?;
    // Each thread is seen in the call that it waits in, and in no other.
    let calls: Vec<_> = trace.lines().filter(|line| !line.ends_with("<detached ...>")).collect();
    if trace.is_empty() || !calls.is_empty() {
        let seen = format!("{} of {} lines:\n{}", calls.len(), trace.lines().count(), calls.join("\n"));
        return Err(Failure::Unexpected { what: "the trace".into(), expected: "no call".into(), seen });
    }
    Ok(())
}
