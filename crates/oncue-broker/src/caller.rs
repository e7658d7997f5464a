//! Identifies callers: first the socket's credentials, then the process's executable.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open};

/// The process at the other end of a connection, according to the kernel.
#[derive(Debug)]
pub(crate) struct Process {
    /// Its process id when it connected.
    pub(crate) pid: Pid,
    /// Refers to this process, even if its id is reused.
    pidfd: Option<OwnedFd>,
    /// The executable when the process connected; the process may exec another program later.
    executable: Result<PathBuf, Errno>,
}

/// The connection does not belong to this user.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StrangerError {
    /// The credentials are not available.
    #[error("identifying a client: {0}")]
    Unknown(#[from] io::Error),
    /// It is another user.
    #[error("user {0} connected to a broker that is not theirs")]
    OtherUser(u32),
}

impl Process {
    /// Asks the kernel who connected; refuses other users.
    pub(crate) fn id_of(socket: impl AsFd) -> Result<Pid, StrangerError> {
        let credentials = rustix::net::sockopt::socket_peercred(socket).map_err(io::Error::from)?;
        if credentials.uid != rustix::process::getuid() {
            return Err(StrangerError::OtherUser(credentials.uid.as_raw()));
        }
        Ok(credentials.pid)
    }

    /// Opens the process that has just connected.
    pub(crate) fn hold(pid: Pid) -> Self {
        let pidfd = pidfd_open(pid, PidfdFlags::empty()).ok();
        let executable = executable(pid, pidfd.as_ref());
        Self { pid, pidfd, executable }
    }

    /// Takes a process to which somebody else holds a pidfd, such as the bus to which it connected.
    pub(crate) fn held(pid: Pid, pidfd: OwnedFd) -> Self {
        let executable = executable(pid, Some(&pidfd));
        Self { pid, pidfd: Some(pidfd), executable }
    }

    /// Returns the executable that the process was running when it connected.
    ///
    /// # Errors
    /// Returns an error if the process had ended before the broker looked, because its id may have
    /// been reused.
    pub(crate) fn executable(&self) -> io::Result<PathBuf> {
        self.executable.clone().map_err(io::Error::from)
    }

    /// Returns whether the process is alive; false if it cannot be distinguished from another one.
    pub(crate) fn is_alive(&self) -> io::Result<bool> {
        self.pidfd.as_ref().map_or(Ok(false), |pidfd| has_ended(pidfd).map(|ended| !ended))
    }
}

fn executable(pid: Pid, pidfd: Option<&OwnedFd>) -> Result<PathBuf, Errno> {
    let link = format!("/proc/{}/exe", pid.as_raw_nonzero());
    let path = rustix::fs::readlink(link, Vec::new())?;
    match pidfd.map(has_ended).transpose().map_err(|_| Errno::SRCH)? {
        Some(true) => Err(Errno::SRCH),
        Some(false) | None => Ok(PathBuf::from(OsString::from_vec(path.into_bytes()))),
    }
}

/// A pidfd becomes readable when its process ends: pidfd_open(2).
fn has_ended(pidfd: &OwnedFd) -> io::Result<bool> {
    let mut asked = [PollFd::new(pidfd, PollFlags::IN)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    Ok(poll(&mut asked, Some(&at_once))? > 0)
}
