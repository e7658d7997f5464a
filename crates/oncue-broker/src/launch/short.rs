//! Why a server was not started: its own fault, or a shortage of the broker's.

use std::io;
use std::path::Path;

use rustix::io::Errno;

/// Why a server was not started, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotStarted {
    /// The broker has no descriptor, process or memory left for it.
    Short(String),
    /// Its program cannot be started.
    Failed(String),
}

impl NotStarted {
    /// Tells by the error of starting `program` which of both it is.
    pub(crate) fn because(error: &io::Error, program: &Path) -> Self {
        let why = format!("starting {}: {error}", program.display());
        // fork(2), execve(2) and pipe(2) fail so when a limit of the user's or the machine's is reached.
        let short = [Errno::MFILE, Errno::NFILE, Errno::AGAIN, Errno::NOMEM, Errno::NOSPC, Errno::NOBUFS];
        match Errno::from_io_error(error) {
            Some(errno) if short.contains(&errno) => Self::Short(why),
            Some(_) | None => Self::Failed(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortage_is_told_from_a_program_that_cannot_be_started() {
        let because = |errno: Errno| NotStarted::because(&errno.into(), Path::new("/opt/app"));
        assert!(
            matches!(because(Errno::MFILE), NotStarted::Short(why) if why.starts_with("starting /opt/app: "))
        );
        assert!(matches!(because(Errno::AGAIN), NotStarted::Short(_)));
        assert!(matches!(because(Errno::NOENT), NotStarted::Failed(_)));
        assert!(matches!(because(Errno::ACCESS), NotStarted::Failed(_)));
    }
}
