//! Why the suite cannot go on, or a scenario did not go as it should.

use std::io;
use std::process::ExitStatus;

use crate::build::BuildError;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The caller may not make namespaces.
    #[error(
        "only root can boot the guest: run it as root, as with `sudo -E env PATH=$PATH cargo xtask test-system`"
    )]
    NotRoot,
    /// No scenario has such a name.
    #[error("no scenario's name contains `{part}`; there are:\n  {}", names.join("\n  "))]
    NoScenario {
        /// What was asked for.
        part: String,
        /// What there is.
        names: Vec<String>,
    },
    /// What is to be tested could not be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The system refused something.
    #[error("{what}: {source}")]
    System {
        /// What was attempted.
        what: String,
        /// Why it did not work.
        source: io::Error,
    },
    /// The guest ended while it was made.
    #[error("the guest cannot be made: {status}; what failed is said above")]
    NotMade {
        /// How its first process ended.
        status: ExitStatus,
    },
    /// Ctrl-C.
    #[error("interrupted; the guest has ended")]
    Interrupted,
    /// A command did not do what it should.
    #[error("`{command}` ended with {status}: {said}")]
    Command {
        /// The command.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// What it said.
        said: String,
    },
    /// Something did not come.
    #[error("{what} did not come within {seconds} s")]
    TooLate {
        /// What was awaited.
        what: String,
        /// For how long.
        seconds: u64,
    },
    /// Something else came.
    #[error("{what}: expected {expected}, saw {seen}")]
    Unexpected {
        /// Where.
        what: String,
        /// What should have come.
        expected: String,
        /// What came.
        seen: String,
    },
    /// The part of the package's program did not work.
    #[error("{0}")]
    App(String),
}

impl Failure {
    /// Names what the system refused.
    pub(super) fn system(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::System { what, source }
    }
}
