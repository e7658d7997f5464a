//! Who is to blame if a task server cannot be started. Only a fault of the program counts against its
//! task; everything else is a delay.

use std::io;

use rustix::io::Errno;

use crate::errand::Unanswered;

/// Why a server has no process.
#[derive(Debug)]
pub(crate) struct NotMade {
    pub(crate) blame: Blame,
    /// The reason, in words.
    pub(crate) why: String,
}

/// Who is to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blame {
    /// The broker: it has run out of descriptors, processes or memory.
    Broker,
    /// The file system: it does not answer, or reports that it is unreachable.
    FileSystem,
    /// The program or its package.
    Program,
}

impl Blame {
    /// Determines it from an error of fork(2), execve(2), pipe(2) or a call that takes a path.
    pub(crate) fn of(error: &io::Error) -> Self {
        const SHORT: [Errno; 6] =
            [Errno::MFILE, Errno::NFILE, Errno::AGAIN, Errno::NOMEM, Errno::NOSPC, Errno::NOBUFS];
        // Errors of network and FUSE file systems whose server is gone, and of a failing disk.
        const UNREACHABLE: [Errno; 10] = [
            Errno::IO,
            Errno::NOTCONN,
            Errno::TIMEDOUT,
            Errno::STALE,
            Errno::HOSTDOWN,
            Errno::HOSTUNREACH,
            Errno::NETDOWN,
            Errno::NETUNREACH,
            Errno::CONNABORTED,
            Errno::CONNRESET,
        ];
        match Errno::from_io_error(error) {
            Some(errno) if SHORT.contains(&errno) => Self::Broker,
            Some(errno) if UNREACHABLE.contains(&errno) => Self::FileSystem,
            Some(_) | None => Self::Program,
        }
    }
}

impl From<&Unanswered> for Blame {
    fn from(unanswered: &Unanswered) -> Self {
        match unanswered {
            Unanswered::Hangs { .. } => Self::FileSystem,
            Unanswered::TooMany | Unanswered::NoThread(_) | Unanswered::Panicked { .. } => Self::Broker,
        }
    }
}

impl NotMade {
    /// Blames the program.
    pub(crate) fn by_program(why: String) -> Self {
        Self { blame: Blame::Program, why }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_blamed_only_for_what_it_is() {
        let blamed = |errno: Errno| Blame::of(&errno.into());
        for errno in [Errno::MFILE, Errno::AGAIN, Errno::NOMEM] {
            assert_eq!(blamed(errno), Blame::Broker, "{errno}");
        }
        for errno in [Errno::NOTCONN, Errno::STALE, Errno::TIMEDOUT, Errno::IO] {
            assert_eq!(blamed(errno), Blame::FileSystem, "{errno}");
        }
        for errno in [Errno::NOENT, Errno::ACCESS, Errno::NOEXEC, Errno::TXTBSY] {
            assert_eq!(blamed(errno), Blame::Program, "{errno}");
        }
    }
}
