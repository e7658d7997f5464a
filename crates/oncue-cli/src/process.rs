//! Other processes, held by pidfd: a process id can be reused, a pidfd cannot.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open};

/// What to do when the system refuses another process or thread.
pub(crate) const NO_MORE: &str = "end other programs, or raise the limit of processes (`ulimit -u`)";

/// Opens a process; returns `None` if it has already ended.
pub(crate) fn hold(pid: u32) -> Option<OwnedFd> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw)?;
    pidfd_open(pid, PidfdFlags::empty()).ok()
}

/// Waits for a process to end, for at most this long.
pub(crate) fn has_ended(process: &OwnedFd, within: Duration) -> bool {
    let until = Instant::now() + within;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let left = Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() };
        match poll(&mut [PollFd::new(process, PollFlags::IN)], Some(&left)) {
            Err(Errno::INTR) => {}
            ready => return ready == Ok(1),
        }
    }
}
