//! Ends a server's process tree: stops all of it, so that nothing can escape, and then kills it.

use std::collections::HashSet;
use std::io;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use super::process::Process;
use super::tree::Tree;

/// How long to try: a process may sleep in the kernel where no signal reaches it.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often to look for more processes before killing those found: a program may start processes
/// faster than they can be stopped.
const LOOKS: usize = 8;
/// How long killed processes have to end before the next look.
const PAUSE: Duration = Duration::from_millis(2);

/// Some processes of a tree could not be ended.
#[derive(Debug, thiserror::Error)]
#[error("{alive} processes are still alive {} s after they were killed", PATIENCE.as_secs())]
pub(super) struct AliveError {
    alive: usize,
}

/// Ends the tree, including the processes in `known`; returns when nothing of it is left. This
/// blocks, so do not call it on the loop's thread.
#[expect(clippy::disallowed_methods, reason = "it runs on a thread of its own")]
pub(super) fn fell(tree: &Tree, mut known: HashSet<(Pid, u64)>) -> Result<(), AliveError> {
    let until = Instant::now() + PATIENCE;
    loop {
        let members = stop_all(tree, &mut known);
        if members.is_empty() {
            return Ok(());
        }
        for member in &members {
            send(member, Signal::KILL);
        }
        if Instant::now() >= until {
            return Err(AliveError { alive: members.len() });
        }
        sleep(PAUSE);
    }
}

/// Stops the processes of the tree until no more of them appear.
fn stop_all(tree: &Tree, known: &mut HashSet<(Pid, u64)>) -> Vec<Process> {
    let mut members = Vec::new();
    for _ in 0..LOOKS {
        members = tree.members(&Process::all(), known);
        let mut more = false;
        for member in &members {
            if known.insert((member.pid, member.started)) {
                more = true;
                send(member, Signal::STOP);
            }
        }
        if !more {
            break;
        }
    }
    members
}

/// Signals this process, and not one that has reused its id.
fn send(process: &Process, signal: Signal) {
    let sent = pidfd_open(process.pid, PidfdFlags::empty()).map_err(io::Error::from).and_then(|pidfd| {
        match Process::look(process.pid) {
            Some(now) if now.started == process.started => Ok(pidfd_send_signal(pidfd, signal)?),
            Some(_) | None => Ok(()),
        }
    });
    match sent {
        Err(error) if error.raw_os_error() != Some(rustix::io::Errno::SRCH.raw_os_error()) => {
            tracing::warn!(pid = process.pid.as_raw_nonzero(), "signalling a process: {error}; retrying");
        }
        Ok(()) | Err(_) => {}
    }
}
