//! Why oncue could not be packed.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use crate::build::BuildError;

/// Why oncue could not be packed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// It could not be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The error.
        source: io::Error,
    },
    /// A program could not be started.
    #[error(
        "`{name}` could not be started: {source}; install it, for example from Debian's package {package}"
    )]
    Tool {
        /// The program.
        name: String,
        /// Debian's package that contains it.
        package: &'static str,
        /// The error.
        source: io::Error,
    },
    /// A program failed.
    #[error("`{command}` ended with {status}: {said}")]
    Ended {
        /// Its command line.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// Its errors.
        said: String,
    },
    /// The program is not an ELF file that can be read.
    #[error("reading the libraries of {}: {why}", path.display())]
    Elf {
        /// The program.
        path: PathBuf,
        /// The error.
        why: String,
    },
    /// Debian has no name for this processor.
    #[error("Debian's name for the processor `{0}` is unknown; add it to `debian.rs`")]
    Processor(&'static str),
}

impl Failure {
    /// Returns what turns an error of the file system into a failure.
    pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        |source| Self::File { path: path.to_owned(), source }
    }
}
