//! Why the suite could not be completed.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

use oncue_manifest::Problems;

/// Why the suite could not be completed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// It was interrupted.
    #[error("interrupted")]
    Interrupted,
    /// The event loop or the signal handlers could not be set up.
    #[error("starting: {0}")]
    Runtime(#[source] io::Error),
    /// A program could not be started.
    #[error("{program} does not start: {source}")]
    Start { program: String, source: io::Error },
    /// A program failed.
    #[error("{what} ended with {status}")]
    Ended { what: String, status: ExitStatus },
    /// A program did not end.
    #[error("{what} has not ended after {seconds} s")]
    TooLong { what: String, seconds: u64 },
    /// A program ended without the expected answer.
    #[error("{what} ended before it was done")]
    Silent { what: String },
    /// A file that a Debian package should contain is missing.
    #[error("Debian's {package} is installed, but {} does not exist", file.display())]
    NotBrought { package: &'static str, file: PathBuf },
    /// cargo did not build something.
    #[error("cargo did not say where it put {0}")]
    NotBuilt(&'static str),
    /// The sample's manifest is invalid.
    #[error("the sample's manifest: {0}")]
    Manifest(Problems),
    /// A file could not be read, written or copied.
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
}

impl Failure {
    /// Adds the file to an error.
    pub(super) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }

    /// Returns what to do about it.
    pub(super) fn way_out(&self) -> &'static str {
        match self {
            Self::Interrupted => "what it started is ended, what it made is removed",
            Self::Runtime(_) => "look at the limits of this process",
            Self::Start { .. } => "install it, or put it in PATH",
            Self::Ended { .. } => "read above what it says; the suite needs Debian 12 or later",
            Self::Silent { .. } => {
                "run it by hand: `WINEPREFIX=$(mktemp -d)/prefix /usr/lib/wine/wine64 cmd`"
            }
            Self::TooLong { .. } => "try again on a machine that does less, or look for what it waits for",
            Self::NotBrought { .. } => "look where `dpkg -L` says it is",
            Self::NotBuilt(_) => "see what cargo says above",
            Self::Manifest(_) => "see all problems with `oncue package check examples/primes`",
            Self::File { .. } => "check permissions and the disk's space",
        }
    }
}
