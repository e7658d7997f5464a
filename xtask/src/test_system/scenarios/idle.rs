//! An idle broker.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::scenarios;
use crate::test_system::app::Class;
use crate::test_system::failure::Failure;
use crate::test_system::service::Played;
use crate::test_system::stage::Stage;

scenarios!("idle": an_idle_broker_makes_no_system_call_for_a_minute);

fn an_idle_broker_makes_no_system_call_for_a_minute() -> Result<(), Failure> {
    // Without it, the broker listens to the kernel, which reports all devices of the machine.
    let _upower = Played::template("upower", "{}", "org.freedesktop.UPower", "/org/freedesktop/UPower")?;
    let stage = Stage::set()?;
    stage.task("held", Class::Quick, "user-not-present")?;
    stage.task("armed", Class::Quick, "")?;
    stage.fire_and_run("armed")?;
    stage.fire_and_hold("held")?;
    // The server that ran it ends, and the runtime ends the thread that started it, which it keeps
    // idle for ten seconds.
    std::thread::sleep(Duration::from_secs(15));
    let broker = stage.login().first_process()?;
    let mut seen = trace_a_minute(&broker)?;
    // The kernel once reports the stalls of the past to a new trigger, at the next stall of any process.
    if seen.contains("/proc/pressure/memory") {
        seen = trace_a_minute(&broker)?;
    }
    let calls = calls(&seen);
    if seen.is_empty() || !calls.is_empty() {
        let seen = format!("{} of {} lines:\n{}", calls.len(), seen.lines().count(), calls.join("\n"));
        return Err(Failure::Unexpected { what: "the trace".into(), expected: "no call".into(), seen });
    }
    Ok(())
}

/// Traces the system calls of a process, with the paths of its files, for a minute.
fn trace_a_minute(process: &str) -> Result<String, Failure> {
    const TRACE: &str = "/run/oncue-suite.trace";
    let mut strace = Command::new("strace")
        .args(["--follow-forks", "--decode-fds=path", "--output", TRACE, "--attach", process])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(Failure::system("strace"))?;
    std::thread::sleep(Duration::from_secs(60));
    let stopped = kill_process(Pid::from_child(&strace), Signal::INT);
    stopped.map_err(|errno| Failure::system("ending strace")(errno.into()))?;
    strace.wait().map_err(Failure::system("strace"))?;
    fs::read_to_string(TRACE).map_err(Failure::system(TRACE))
}

/// Returns the lines of a trace with a call, each preceded by its thread. The first line of a
/// thread does not count if it only shows the call in which the thread is waiting all the time.
fn calls(trace: &str) -> Vec<&str> {
    let mut waiting = BTreeSet::new();
    let is_call = |line: &&str| {
        let waits = line.ends_with("<detached ...>") || line.ends_with("<unfinished ...>");
        let thread = line.split(' ').next().unwrap_or_default().to_owned();
        !(waits && waiting.insert(thread))
    };
    trace.lines().filter(is_call).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_thread_waits_in_is_no_call() {
        let idle = "7  epoll_wait(6,  <unfinished ...>\n8  futex(0x1, 0x2 <detached ...>\n";
        assert!(calls(idle).is_empty());
        let busy = "7  epoll_wait(6,  <unfinished ...>\n7  <... epoll_wait resumed>) = 1\n7  read(3 <detached ...>\n";
        assert_eq!(calls(busy).len(), 2);
        assert_eq!(calls("7  close(3) = 0\n").len(), 1);
    }
}
