//! Why the demonstration did not come to its end.

use std::io;
use std::path::PathBuf;

use crate::exit::Exit;

/// Why the demonstration did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    /// There is no checkout here.
    #[error("no examples/primes/AppxManifest.xml in {} or above", from.display())]
    NoSource {
        /// Where it was looked for.
        from: PathBuf,
    },
    /// No folder could be made.
    #[error("making a temporary folder")]
    Folder(#[source] io::Error),
    /// The program could not start itself.
    #[error("starting the demonstration")]
    Start(#[source] io::Error),
    /// Another program could not be started or read.
    #[error("{what}")]
    System {
        /// What was attempted.
        what: String,
        /// Why it did not work.
        source: io::Error,
    },
    /// A step did not happen.
    #[error("{what}")]
    Missing {
        /// What should have been.
        what: String,
    },
    /// The user wants an end.
    #[error("interrupted; everything is cleaned up")]
    Interrupted,
}

impl DemoError {
    /// Makes an error of what should have been.
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

    /// Returns what the user can do.
    pub(crate) fn way_out(&self) -> Option<String> {
        match self {
            Self::NoSource { .. } => Some("run it in a checkout of oncue: `cargo run -- demo`".into()),
            Self::Folder(_) => Some("set TMPDIR to a folder that you may write to".into()),
            Self::Missing { .. } | Self::System { .. } => {
                Some("see state/broker.log in the folder named above".into())
            }
            Self::Start(_) | Self::Interrupted => None,
        }
    }
}
