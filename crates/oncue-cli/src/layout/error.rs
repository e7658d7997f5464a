//! Why a crate could not be laid out as a package.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

use oncue_manifest::Problems;

use crate::check::CheckError;

/// Why a crate could not be laid out as a package.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LayoutError {
    /// There is no crate.
    #[error("no Cargo.toml in {} or above", from.display())]
    NoCrate {
        /// Where the search began.
        from: PathBuf,
    },
    /// The `Cargo.toml` belongs to a workspace without a package.
    #[error("{} belongs to a workspace, not to a crate", path.display())]
    Workspace {
        /// The `Cargo.toml`.
        path: PathBuf,
    },
    /// cargo cannot read the crate.
    #[error("asking cargo about {}: {source}", path.display())]
    Metadata {
        /// The `Cargo.toml`.
        path: PathBuf,
        /// The error from cargo.
        source: Box<cargo_metadata::Error>,
    },
    /// There is no manifest beside the `Cargo.toml`.
    #[error("{} does not exist", path.display())]
    NoManifest {
        /// The expected path.
        path: PathBuf,
    },
    /// The manifest cannot be read.
    #[error(transparent)]
    Unreadable(CheckError),
    /// The manifest is invalid.
    #[error("{}: {problems}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// Its problems.
        problems: Problems,
    },
    /// The manifest names a program that the crate does not build.
    #[error(
        "the manifest names the program {program}, but the binaries of crate {krate} are: {}",
        list(binaries)
    )]
    NoBinary {
        /// As spelled on this system.
        program: String,
        /// The crate.
        krate: String,
        /// Its binaries.
        binaries: Vec<String>,
    },
    /// cargo could not be started.
    #[error("cannot start cargo")]
    NoCargo(#[source] io::Error),
    /// The crate could not be built.
    #[error("cargo build of {krate} ended with {status}")]
    Build {
        /// The crate.
        krate: String,
        /// How cargo ended.
        status: ExitStatus,
    },
    /// cargo did not build the program.
    #[error("cargo did not report where it built the program {program}")]
    NotBuilt {
        /// Its name.
        program: String,
    },
    /// A program that should print its manifest did not.
    #[error("{} does not exist, and the program {program} did not print a manifest", path.display())]
    NotPrinted {
        /// The path where the manifest should be.
        path: PathBuf,
        /// The program.
        program: String,
    },
    /// A program that should print its manifest could not be run.
    #[error("running {} to print its manifest: {source}", program.display())]
    Printing {
        /// Its path.
        program: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A file could not be copied to its place.
    #[error("creating {}: {source}", path.display())]
    File {
        /// Its path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

impl LayoutError {
    /// Returns whether this is an answer about the crate; otherwise a program or the system failed.
    pub(crate) fn is_refusal(&self) -> bool {
        match self {
            Self::NoCrate { .. }
            | Self::Workspace { .. }
            | Self::NoManifest { .. }
            | Self::NotPrinted { .. }
            | Self::Manifest { .. }
            | Self::NoBinary { .. } => true,
            Self::Unreadable(error) => error.is_refusal(),
            Self::Metadata { .. }
            | Self::NoCargo(_)
            | Self::Build { .. }
            | Self::NotBuilt { .. }
            | Self::Printing { .. }
            | Self::File { .. } => false,
        }
    }

    /// Returns what to do about it.
    pub(crate) fn way_out(&self) -> String {
        match self {
            Self::NoCrate { .. } | Self::Workspace { .. } => {
                "go to the crate's folder, or specify its Cargo.toml with --manifest-path".into()
            }
            Self::Unreadable(error) => error.way_out(),
            Self::Metadata { .. } => "fix the problem that cargo reports".into(),
            Self::NoManifest { .. } => {
                "write it beside the crate's Cargo.toml with `oncue package new --publisher CN=NAME`".into()
            }
            Self::NotPrinted { .. } => {
                "state the tasks with `oncue::app!()`, which prints the manifest, or write \
                 one with `oncue package new --publisher CN=NAME`"
                    .into()
            }
            Self::Manifest { path, .. } => {
                format!("see all problems with `oncue package check {}`", path.display())
            }
            Self::NoBinary { binaries, .. } => match binaries.first() {
                Some(binary) => format!("write Executable=\"{binary}.exe\", or rename the binary"),
                None => "add src/main.rs to the crate".into(),
            },
            Self::NoCargo(_) => "install cargo, or put it in PATH".into(),
            Self::Build { .. } => "fix the errors that cargo reports above".into(),
            Self::NotBuilt { program } => format!("build it with `cargo build` and copy it to {program}"),
            Self::Printing { .. } => "check that the program can be started".into(),
            Self::File { .. } => "check the folder's permissions and the disk's space".into(),
        }
    }
}

fn list(binaries: &[String]) -> String {
    if binaries.is_empty() { "none".into() } else { binaries.join(", ") }
}
