//! All processes of a run share one CPU; otherwise the results depend on the machine's idle states.
//!
//! A round trip between two CPUs waits for the other one to wake up. On a virtual machine this
//! takes twenty times as long as the trip itself, and any broker would look fast in comparison.

use std::io;

use rustix::io::Errno;
use rustix::process::Pid;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use super::unmeasured::Unmeasured;

/// The CPUs that a run uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placement {
    /// The CPU that everything measured runs on.
    pub(super) shared: usize,
    /// Another CPU, for processes that must not take time from the measured ones; `None` if this
    /// process may use only one.
    pub(super) other: Option<usize>,
}

impl Placement {
    /// Keeps this thread, and every process that it starts from now on, on one CPU.
    pub(super) fn share_one_cpu() -> Result<Self, Unmeasured> {
        let allowed = sched_getaffinity(None).map_err(refused)?;
        // The first CPUs handle most of the interrupts.
        let mut cpus = (0..CpuSet::MAX_CPU).rev().filter(|cpu| allowed.is_set(*cpu));
        let placement = Self { shared: cpus.next().unwrap_or(0), other: cpus.next() };
        stay_on(placement.shared)?;
        Ok(placement)
    }
}

/// Keeps this thread on one CPU.
pub(super) fn stay_on(cpu: usize) -> Result<(), Unmeasured> {
    let mut one = CpuSet::new();
    one.set(cpu);
    sched_setaffinity(None, &one).map_err(refused)
}

/// Brings a process that left back to the CPU of this thread, with all its threads. The broker gives itself
/// all CPUs when it starts; what it starts later goes where it is.
pub(super) fn bring_back(process: u32) -> Result<(), Unmeasured> {
    let here = sched_getaffinity(None).map_err(refused)?;
    let threads = std::fs::read_dir(format!("/proc/{process}/task"));
    let threads = threads.map_err(Unmeasured::io("the broker's threads"))?.flatten();
    for thread in threads.filter_map(|entry| entry.file_name().to_str()?.parse().ok()) {
        match sched_setaffinity(Pid::from_raw(thread), &here) {
            // A thread that has ended since is nowhere else.
            Ok(()) | Err(Errno::SRCH) => {}
            Err(error) => return Err(refused(error)),
        }
    }
    Ok(())
}

fn refused(error: Errno) -> Unmeasured {
    Unmeasured::io("keeping all processes on one CPU")(io::Error::from(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn the_thread_stays_on_the_cpu_that_is_told() {
        let placement = Placement::share_one_cpu().unwrap();
        let allowed = sched_getaffinity(None).unwrap();
        assert_eq!(allowed.count(), 1);
        assert!(allowed.is_set(placement.shared));
        assert_ne!(placement.other, Some(placement.shared));
    }

    #[test]
    fn a_process_that_left_is_brought_back() {
        let mut child = Command::new("/bin/cat").stdin(Stdio::piped()).spawn().unwrap();
        let cpu = Placement::share_one_cpu().unwrap().shared;
        let pid = Pid::from_child(&child);
        let mut all = CpuSet::new();
        (0..CpuSet::MAX_CPU).for_each(|cpu| all.set(cpu));
        sched_setaffinity(Some(pid), &all).unwrap();
        bring_back(child.id()).unwrap();
        let allowed = sched_getaffinity(Some(pid)).unwrap();
        assert_eq!((allowed.count(), allowed.is_set(cpu)), (1, true));
        drop(child.stdin.take());
        child.wait().unwrap();
    }
}
