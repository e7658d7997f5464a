//! Peer: starting the smallest program and waiting for its end.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::room::{Plan, Room};
use super::samples::time;
use super::unmeasured::Unmeasured;

const PROGRAM: &str = "/bin/true";

const PLAN: Plan = Plan { full: 2_000, quick: 300 };

pub(super) fn measure(room: &Room) -> Result<Vec<Duration>, Unmeasured> {
    time(room.rounds(&PLAN), || run(PROGRAM))
}

/// Without a working folder or user, std uses `posix_spawn`.
fn run(program: &str) -> Result<(), Unmeasured> {
    let status = Command::new(program)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .map_err(Unmeasured::io(PROGRAM))?;
    if status.success() { Ok(()) } else { Err(Unmeasured::Ended { what: PROGRAM, status }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_program_that_ends_well_counts() {
        assert!(run(PROGRAM).is_ok());
        assert!(matches!(run("/bin/false"), Err(Unmeasured::Ended { .. })));
        assert!(matches!(run("/nowhere"), Err(Unmeasured::Io { .. })));
    }
}
