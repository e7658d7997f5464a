//! Why the service could not be installed, removed or started.

use std::io;
use std::path::PathBuf;

/// Why the service could not be installed, removed or started.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The broker of an `ONCUE_HOME` is never started at log-in.
    #[error("ONCUE_HOME is set, and the broker of such a folder is never started at log-in")]
    OwnHome,
    /// The environment names no folders for configuration and data.
    #[error("the folder for units and autostart entries is unknown")]
    NoFolders,
    /// A file was written by somebody else.
    #[error("{} exists and was not written by oncue", file.display())]
    NotOurs {
        /// The file.
        file: PathBuf,
    },
    /// A file cannot be written, read or removed.
    #[error("{what} {}: {source}", file.display())]
    File {
        /// The attempted operation.
        what: &'static str,
        /// The file.
        file: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The program's path cannot be written into a unit or an entry.
    #[error("the path of the program, {program:?}, is not UTF-8 or contains control characters")]
    Program {
        /// The path.
        program: PathBuf,
    },
    /// The systemd user manager does not answer, or refuses.
    #[error("asking the systemd user manager to {what}: {why}")]
    Manager {
        /// The request.
        what: &'static str,
        /// Its answer, or why there is none.
        why: String,
    },
    /// The Background portal does not answer, or refuses.
    #[error("asking the Background portal to start the broker at log-in: {why}")]
    Portal {
        /// Its answer, or why there is none.
        why: String,
    },
}

impl ServiceError {
    /// Returns whether this is a refusal, as opposed to a fault.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::OwnHome | Self::NotOurs { .. } | Self::Program { .. } => true,
            Self::NoFolders | Self::File { .. } | Self::Manager { .. } | Self::Portal { .. } => false,
        }
    }

    /// Returns what the user can do about it.
    #[must_use]
    pub fn way_out(&self) -> &'static str {
        match self {
            Self::OwnHome => "unset ONCUE_HOME",
            Self::NoFolders => "set HOME to an absolute path",
            Self::NotOurs { .. } => "move that file away, or keep it and let it start `oncue daemon`",
            Self::File { .. } => "check the folder's permissions and the free space of its disk",
            Self::Program { .. } => "move the program to a folder with another name",
            Self::Manager { .. } => "see `systemctl --user status` and `journalctl --user`",
            Self::Portal { .. } => "allow the app to run in the background in the settings of the desktop",
        }
    }
}
