//! A process that a test did not start and whose end it waits for; it does not outlive the test.

use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::stage::PATIENCE;

pub(crate) struct Watched {
    pid: i32,
    pidfd: OwnedFd,
}

impl Watched {
    pub(crate) fn process(pid: i32) -> Self {
        let pidfd = pidfd_open(Pid::from_raw(pid).unwrap(), PidfdFlags::empty()).unwrap();
        Self { pid, pidfd }
    }

    pub(crate) fn is_alive(&self) -> bool {
        !self.ends_within(0)
    }

    /// Waits for its end, and until it has been reaped.
    pub(crate) fn ends(&self) {
        assert!(self.ends_within(PATIENCE.as_secs()), "process {} lives on", self.pid);
        let (entry, until) = (PathBuf::from(format!("/proc/{}", self.pid)), Instant::now() + PATIENCE);
        while entry.exists() {
            assert!(Instant::now() < until, "nobody reaps process {}", self.pid);
            std::thread::yield_now();
        }
    }

    pub(crate) fn kill(&self) {
        // It may have ended by itself.
        let _ = pidfd_send_signal(&self.pidfd, Signal::KILL);
    }

    fn ends_within(&self, seconds: u64) -> bool {
        let patience = Timespec { tv_sec: seconds.cast_signed(), tv_nsec: 0 };
        poll(&mut [PollFd::new(&self.pidfd, PollFlags::IN)], Some(&patience)).unwrap() > 0
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.kill();
    }
}
