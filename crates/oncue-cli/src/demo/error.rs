//! Why the demonstration failed.

use std::io;
use std::path::PathBuf;

use crate::exit::Exit;

/// Why the demonstration failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    /// There is no checkout.
    #[error("no examples/primes/AppxManifest.xml in {} or above", from.display())]
    NoSource {
        /// Where the search began.
        from: PathBuf,
    },
    /// The folder could not be created.
    #[error("creating a temporary folder")]
    Folder(#[source] io::Error),
    /// The program could not restart itself.
    #[error("starting the demonstration")]
    Start(#[source] io::Error),
    /// Another program could not be started or read.
    #[error("{what}")]
    System {
        /// What was attempted.
        what: String,
        /// The cause.
        source: io::Error,
    },
    /// A step did not have the expected result.
    #[error("{what}")]
    Missing {
        /// The actual result.
        what: String,
    },
    /// The user pressed Ctrl-C.
    #[error("interrupted; everything is cleaned up")]
    Interrupted,
}

impl DemoError {
    /// Returns an error for an unexpected result.
    pub(crate) fn missing(what: impl Into<String>) -> Self {
        Self::Missing { what: what.into() }
    }

    /// Returns the exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::NoSource { .. } => Exit::Refused,
            Self::Interrupted => Exit::Interrupted,
            Self::Folder(_) | Self::Start(_) | Self::System { .. } | Self::Missing { .. } => Exit::Failed,
        }
    }

    /// Returns what to do about it.
    pub(crate) fn way_out(&self) -> Option<String> {
        match self {
            Self::NoSource { .. } => Some("run it in a checkout of oncue: `cargo run -- demo`".into()),
            Self::Folder(_) => Some("set TMPDIR to a writable folder".into()),
            Self::Missing { .. } | Self::System { .. } => {
                Some("see state/broker.log in the folder named above".into())
            }
            Self::Start(_) | Self::Interrupted => None,
        }
    }
}
