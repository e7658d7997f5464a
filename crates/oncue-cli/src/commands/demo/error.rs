//! Why the demonstration failed.

use std::io;
use std::path::PathBuf;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::follow::FollowError;
use crate::layout::LayoutError;

/// Why the demonstration failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    /// The broker refused or failed.
    #[error(transparent)]
    Broker(#[from] oncue::Error),
    /// The run could not be followed.
    #[error(transparent)]
    Follow(#[from] FollowError),
    /// The sample could not be laid out.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The report could not be written.
    #[error("writing the report")]
    Output(#[from] io::Error),
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
}

impl From<DemoError> for Failure {
    fn from(error: DemoError) -> Self {
        let log = "see state/broker.log in the folder named above";
        let (exit, way_out) = match error {
            DemoError::Broker(error) => return error.into(),
            DemoError::Follow(error) => return error.into(),
            DemoError::Layout(error) => return error.into(),
            DemoError::Output(error) => return error.into(),
            DemoError::Interrupted => return Self::new(Exit::Interrupted, error),
            DemoError::Start(_) => return Self::new(Exit::Failed, error),
            DemoError::NoSource { .. } => {
                (Exit::Refused, "run it in a checkout of oncue: `cargo run -- demo`")
            }
            DemoError::Folder(_) => (Exit::Failed, "set TMPDIR to a writable folder"),
            DemoError::Missing { .. } | DemoError::System { .. } => (Exit::Failed, log),
        };
        Self::new(exit, error).with_way_out(way_out)
    }
}
