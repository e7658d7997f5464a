//! Why no package could be made out of a crate.

use std::io;
use std::path::PathBuf;

use oncue_manifest::Problem;

use crate::exit::Exit;

/// Why no package could be made out of a crate.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DraftError {
    /// The crate makes no program.
    #[error("crate {krate} makes no program, and a package needs one that serves its class")]
    NoBinary {
        /// The crate.
        krate: String,
    },
    /// The crate makes several programs.
    #[error("crate {krate} makes {}: which of them serves the class?", binaries.join(", "))]
    SeveralBinaries {
        /// The crate.
        krate: String,
        /// Its programs.
        binaries: Vec<String>,
    },
    /// The crate does not make the program that was asked for.
    #[error("crate {krate} makes no program {wished}, but {}", binaries.join(", "))]
    NotABinary {
        /// As it was asked for.
        wished: String,
        /// The crate.
        krate: String,
        /// Its programs.
        binaries: Vec<String>,
    },
    /// The crate's version has too large a number.
    #[error("the crate's version {version} has a number above 65535, the most that a package's may have")]
    Version {
        /// The version.
        version: String,
    },
    /// What was said about the package is not what a manifest may say, or what Windows takes.
    #[error("{}", joined(.0, ToString::to_string))]
    Manifest(Vec<Problem>),
    /// A file would be overwritten.
    #[error("{} is there already", path.display())]
    Exists {
        /// Which.
        path: PathBuf,
    },
    /// A file could not be written.
    #[error("writing {}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers for a class id: {0}")]
    NoRandomness(getrandom::Error),
}

impl DraftError {
    /// Returns the exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::File { .. } | Self::NoRandomness(_) => Exit::Failed,
            _ => Exit::Refused,
        }
    }

    /// Returns what the user can do.
    pub(crate) fn way_out(&self) -> String {
        match self {
            Self::NoBinary { .. } => "give the crate a src/main.rs".into(),
            Self::SeveralBinaries { binaries, .. } | Self::NotABinary { binaries, .. } => {
                let first = binaries.first().map_or("NAME", String::as_str);
                format!("name one of them: `--bin {first}`")
            }
            Self::Version { .. } => "make the number smaller".into(),
            // What the manifest's reader says is about the file; here it comes from options.
            Self::Manifest(problems) => {
                let ways = joined(problems, |problem| problem.way_out().into_owned());
                format!("{ways} (--name, --publisher, --display-name and --arguments say it)")
            }
            Self::Exists { .. } => {
                "overwrite it with --force; without --class-id, the class gets a new id, and tasks of the old \
                 one are no longer run"
                    .into()
            }
            Self::File { .. } => "check the folder's permissions and the disk's space".into(),
            Self::NoRandomness(_) => "give one with --class-id, from `uuidgen`".into(),
        }
    }
}

fn joined(problems: &[Problem], say: impl Fn(&Problem) -> String) -> String {
    problems.iter().map(say).collect::<Vec<_>>().join("; ")
}
