//! The folder that logind makes for the user's sockets at log-in, and removes at log-out.
//!
//! A broker that a client has started can outlive the log-in. It must not move into the folder of the next one,
//! where the service starts a broker.

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, fstat, open, stat};

/// The folder, held open so that a later one cannot look the same.
#[derive(Debug)]
pub(super) struct LogInFolder {
    path: PathBuf,
    held: OwnedFd,
}

impl LogInFolder {
    pub(super) fn hold(path: &Path) -> io::Result<Self> {
        let held = open(path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        Ok(Self { path: path.to_owned(), held })
    }

    /// Returns whether it has been removed, even if there is another one now.
    pub(super) fn is_gone(&self) -> bool {
        match (fstat(&self.held), stat(&self.path)) {
            (Ok(held), Ok(found)) => (held.st_dev, held.st_ino) != (found.st_dev, found.st_ino),
            (_, Err(error)) => error == rustix::io::Errno::NOENT,
            (Err(_), Ok(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_folder_of_another_log_in_is_another_one() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("1000");
        fs::create_dir(&path).unwrap();
        let folder = LogInFolder::hold(&path).unwrap();
        assert!(!folder.is_gone());
        fs::remove_dir(&path).unwrap();
        assert!(folder.is_gone());
        fs::create_dir(&path).unwrap();
        assert!(folder.is_gone());
    }
}
