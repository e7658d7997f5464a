//! Who is calling: the socket's credentials, then the process's executable.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

/// The process at the other end of a connection, as the kernel says.
#[derive(Debug)]
pub(crate) struct Process {
    /// Its process id when it connected.
    pub(crate) pid: Pid,
    /// Stands for that very process, even when its id is used again.
    pidfd: Option<OwnedFd>,
}

/// The connection is none of this user's.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StrangerError {
    /// The credentials cannot be had.
    #[error("asking who connected: {0}")]
    Unknown(#[from] io::Error),
    /// It is another user.
    #[error("user {0} connected to a broker that is not theirs")]
    OtherUser(u32),
}

impl Process {
    /// Asks the kernel who connected; another user is refused.
    pub(crate) fn of(socket: impl AsFd) -> Result<Self, StrangerError> {
        let credentials = rustix::net::sockopt::socket_peercred(socket).map_err(io::Error::from)?;
        if credentials.uid != rustix::process::getuid() {
            return Err(StrangerError::OtherUser(credentials.uid.as_raw()));
        }
        Ok(Self { pid: credentials.pid, pidfd: pidfd_open(credentials.pid, PidfdFlags::empty()).ok() })
    }

    /// Returns the executable that the process runs.
    ///
    /// # Errors
    /// When the process is gone: its id may be another's by now.
    pub(crate) fn executable(&self) -> io::Result<PathBuf> {
        let executable = std::fs::read_link(format!("/proc/{}/exe", self.pid.as_raw_nonzero()))?;
        match &self.pidfd {
            Some(pidfd) if has_ended(pidfd)? => Err(io::Error::from(rustix::io::Errno::SRCH)),
            Some(_) | None => Ok(executable),
        }
    }

    /// Returns whether the process has not ended; one that cannot be told from another has.
    pub(crate) fn is_alive(&self) -> io::Result<bool> {
        self.pidfd.as_ref().map_or(Ok(false), |pidfd| has_ended(pidfd).map(|ended| !ended))
    }
}

/// A pidfd becomes readable when its process ends: pidfd_open(2).
fn has_ended(pidfd: &OwnedFd) -> io::Result<bool> {
    let mut asked = [PollFd::new(pidfd, PollFlags::IN)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    Ok(poll(&mut asked, Some(&at_once))? > 0)
}
