//! A shortage of the broker's own, told from a program that cannot be started.

use std::io;

use rustix::io::Errno;

/// Returns whether a server was not started because the broker has no descriptor, process or memory left:
/// fork(2), execve(2) and pipe(2) fail so when a limit of the user's or the machine's is reached.
pub(crate) fn is_short(error: &io::Error) -> bool {
    let short = [Errno::MFILE, Errno::NFILE, Errno::AGAIN, Errno::NOMEM, Errno::NOSPC, Errno::NOBUFS];
    Errno::from_io_error(error).is_some_and(|errno| short.contains(&errno))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortage_is_told_from_a_program_that_cannot_be_started() {
        for errno in [Errno::MFILE, Errno::AGAIN, Errno::NOMEM] {
            assert!(is_short(&errno.into()), "{errno}");
        }
        for errno in [Errno::NOENT, Errno::ACCESS, Errno::NOEXEC, Errno::TXTBSY] {
            assert!(!is_short(&errno.into()), "{errno}");
        }
    }
}
