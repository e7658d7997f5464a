//! All processes of a run share one CPU, or the figures tell of the machine's idle states.
//!
//! A round trip between two CPUs waits for the other one to wake up; on a virtual machine that
//! takes twenty times as long as the trip itself, and any broker would look good beside it.

use std::io;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use super::unmeasured::Unmeasured;

/// Keeps this thread, and every process that it starts from now on, on one CPU; gives its number.
pub(super) fn share_one_cpu() -> Result<usize, Unmeasured> {
    let allowed = sched_getaffinity(None).map_err(refused)?;
    // The first CPUs get most of the interrupts.
    let cpu = (0..CpuSet::MAX_CPU).rev().find(|cpu| allowed.is_set(*cpu)).unwrap_or(0);
    let mut one = CpuSet::new();
    one.set(cpu);
    sched_setaffinity(None, &one).map_err(refused)?;
    Ok(cpu)
}

fn refused(error: rustix::io::Errno) -> Unmeasured {
    Unmeasured::io("keeping all processes on one CPU")(io::Error::from(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thread_stays_on_the_cpu_that_is_told() {
        let cpu = share_one_cpu().unwrap();
        let allowed = sched_getaffinity(None).unwrap();
        assert_eq!(allowed.count(), 1);
        assert!(allowed.is_set(cpu));
    }
}
