//! Why the suite cannot continue, or a scenario failed.

use std::io;
use std::process::ExitStatus;

use crate::build::BuildError;
use crate::dist;

/// A failure.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The caller is not permitted to create namespaces.
    #[error(
        "only root can boot the guest: run it as root, as with `sudo -E env PATH=$PATH cargo xtask test-system`"
    )]
    NotRoot,
    /// No scenario has this name.
    #[error("no scenario's name contains `{part}`; there are:\n  {}", names.join("\n  "))]
    NoScenario {
        /// The requested name.
        part: String,
        /// The existing names.
        names: Vec<String>,
    },
    /// The program to test could not be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The program to test could not be packed.
    #[error(transparent)]
    Pack(#[from] dist::Failure),
    /// The system refused something.
    #[error("{what}: {source}")]
    System {
        /// What was attempted.
        what: String,
        /// The cause.
        source: io::Error,
    },
    /// The guest ended while it was being created.
    #[error("the guest cannot be made: {status}; what failed is said above")]
    NotMade {
        /// How its first process ended.
        status: ExitStatus,
    },
    /// Ctrl-C.
    #[error("interrupted; the guest has ended")]
    Interrupted,
    /// A command failed.
    #[error("`{command}` ended with {status}: {said}")]
    Command {
        /// The command.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// Its output.
        said: String,
    },
    /// Something did not happen in time.
    #[error("{what} did not come within {seconds} s")]
    TooLate {
        /// What was awaited.
        what: String,
        /// For how long.
        seconds: u64,
    },
    /// Something unexpected happened.
    #[error("{what}: expected {expected}, saw {seen}")]
    Unexpected {
        /// Where.
        what: String,
        /// What should have come.
        expected: String,
        /// What came.
        seen: String,
    },
    /// The package's program failed.
    #[error("{0}")]
    App(String),
}

impl Failure {
    /// Adds what was attempted to an error of the system.
    pub(super) fn system(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::System { what, source }
    }
}
