//! A client's call, alone and beside ten hostile clients.
//!
//! The measurement is a well-behaved client's call on an open connection. Hostile clients on another
//! CPU can slow it only by making the broker work; on the CPU that the broker and the well-behaved
//! client share, they also take processor time from both, which no broker can prevent.

use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use clap::ValueEnum as _;

use super::hostile_deed::{Deed, bytes, exchange, introduced};
use super::room::Room;
use super::samples::Rounds;
use super::unmeasured::Unmeasured;

/// Ten hostile clients, which are killed when this is dropped.
pub(super) struct Hostile(Vec<Child>);

impl Hostile {
    /// Starts them on one CPU, and waits until each has begun.
    pub(super) fn begin(room: &Room, socket: &Path, cpu: usize) -> Result<Self, Unmeasured> {
        let mut hostile = Self(Vec::new());
        for deed in Deed::value_variants() {
            let mut child = Command::new(room.program())
                .args(["bench-server", "hostile", deed.word()])
                .arg(socket)
                .arg(cpu.to_string())
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .spawn()
                .map_err(Unmeasured::io("a hostile client"))?;
            let begun = child.stdout.take();
            hostile.0.push(child);
            let mut byte = [0];
            if let Some(mut begun) = begun {
                begun.read_exact(&mut byte).map_err(Unmeasured::io("a hostile client's first word"))?;
            }
        }
        Ok(hostile)
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What the calls of a well-behaved client cost.
pub(super) struct Calls {
    /// How long each call took.
    pub(super) took: Vec<Duration>,
    /// The broker's processor time per second.
    pub(super) busy: f64,
    /// How much of each second the broker was ready to run but had no CPU.
    pub(super) kept_waiting: f64,
}

/// Times a call that the broker answers from memory, on an open connection.
pub(super) fn calls(socket: &Path, broker: u32, rounds: Rounds) -> Result<Calls, Unmeasured> {
    let mut stream = introduced(socket).map_err(Unmeasured::io("the broker's socket"))?;
    let call = bytes("About")?;
    let (begin, before) = (Instant::now(), Schedule::of(broker)?);
    let took = super::samples::time(rounds, || exchange(&mut stream, &call, 1));
    let (passed, after) = (begin.elapsed().as_secs_f64(), Schedule::of(broker)?);
    let share = |before: Duration, after: Duration| after.saturating_sub(before).as_secs_f64() / passed;
    Ok(Calls {
        took: took.map_err(Unmeasured::io("a call"))?,
        busy: share(before.ran, after.ran),
        kept_waiting: share(before.waited, after.waited),
    })
}

/// The scheduler's statistics about a process's threads: see proc_pid_schedstat(5).
struct Schedule {
    ran: Duration,
    waited: Duration,
}

impl Schedule {
    fn of(pid: u32) -> Result<Self, Unmeasured> {
        let io = || Unmeasured::io("the broker's processor time");
        let mut sum = Self { ran: Duration::ZERO, waited: Duration::ZERO };
        for thread in std::fs::read_dir(format!("/proc/{pid}/task")).map_err(io())? {
            // A thread may have ended in the meantime.
            let Ok(text) = std::fs::read_to_string(thread.map_err(io())?.path().join("schedstat")) else {
                continue;
            };
            let mut nanos =
                text.split_whitespace().map(|word| Duration::from_nanos(word.parse().unwrap_or_default()));
            sum.ran += nanos.next().unwrap_or_default();
            sum.waited += nanos.next().unwrap_or_default();
        }
        Ok(sum)
    }
}

/// The peak memory of a process, in KiB.
pub(super) fn peak_memory(pid: u32) -> Result<u64, Unmeasured> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"));
    let status = status.map_err(Unmeasured::io("the broker's memory"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    number.ok_or(Unmeasured::NoRounds)
}
