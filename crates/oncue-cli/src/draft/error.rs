//! Why a crate could not be turned into a package.

use std::io;
use std::path::PathBuf;

use oncue_manifest::Problem;

/// Why a crate could not be turned into a package.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DraftError {
    /// The crate has no binary.
    #[error("crate {krate} has no binary, but a package needs one that serves its class")]
    NoBinary {
        /// The crate.
        krate: String,
    },
    /// The crate has several binaries.
    #[error("crate {krate} has several binaries: {}; choose the one that serves the class", binaries.join(", "))]
    SeveralBinaries {
        /// The crate.
        krate: String,
        /// Its programs.
        binaries: Vec<String>,
    },
    /// The crate does not have the requested binary.
    #[error("crate {krate} has no binary called {wished}, only {}", binaries.join(", "))]
    NotABinary {
        /// The requested name.
        wished: String,
        /// The crate.
        krate: String,
        /// Its programs.
        binaries: Vec<String>,
    },
    /// The crate's version has too large a number.
    #[error("the crate's version {version} contains a number that is too large for a package (limit: 65535)")]
    Version {
        /// The version.
        version: String,
    },
    /// A value for the manifest is invalid, or Windows would not accept it.
    #[error("{}", joined(.0, ToString::to_string))]
    Manifest(Vec<Problem>),
    /// A file would be overwritten.
    #[error("{} already exists", path.display())]
    Exists {
        /// Its path.
        path: PathBuf,
    },
    /// A file could not be written.
    #[error("writing {}: {source}", path.display())]
    File {
        /// Its path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The system could not generate random numbers.
    #[error("cannot generate a random class id: {0}")]
    NoRandomness(getrandom::Error),
}

impl DraftError {
    /// Returns whether this is an answer about the crate; otherwise the system failed.
    pub(crate) fn is_refusal(&self) -> bool {
        match self {
            Self::NoBinary { .. }
            | Self::SeveralBinaries { .. }
            | Self::NotABinary { .. }
            | Self::Version { .. }
            | Self::Manifest(_)
            | Self::Exists { .. } => true,
            Self::File { .. } | Self::NoRandomness(_) => false,
        }
    }

    /// Returns what to do about it.
    pub(crate) fn way_out(&self) -> String {
        match self {
            Self::NoBinary { .. } => "add src/main.rs to the crate".into(),
            Self::SeveralBinaries { binaries, .. } | Self::NotABinary { binaries, .. } => {
                let first = binaries.first().map_or("NAME", String::as_str);
                format!("choose one of them: `--bin {first}`")
            }
            Self::Version { .. } => "use a smaller number".into(),
            // The manifest reader's advice is about the file, but here the values come from
            // options.
            Self::Manifest(problems) => {
                let ways = joined(problems, |problem| problem.way_out().into_owned());
                format!("{ways} (see --name, --publisher, --display-name and --arguments)")
            }
            Self::Exists { .. } => {
                "overwrite it with --force; without --class-id, the class gets a new id, and tasks of the old \
                 one are no longer run"
                    .into()
            }
            Self::File { .. } => "check the folder's permissions and the disk's space".into(),
            Self::NoRandomness(_) => "pass one with --class-id, for example from `uuidgen`".into(),
        }
    }
}

fn joined(problems: &[Problem], say: impl Fn(&Problem) -> String) -> String {
    problems.iter().map(say).collect::<Vec<_>>().join("; ")
}
