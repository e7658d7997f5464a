//! Why a crate could not be laid out as a package.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

use oncue_manifest::Problems;

use crate::exit::Exit;

/// Why a crate could not be laid out as a package.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LayoutError {
    /// There is no crate here.
    #[error("no Cargo.toml in {} or above", from.display())]
    NoCrate {
        /// Where it was looked for.
        from: PathBuf,
    },
    /// The `Cargo.toml` is that of a workspace without a crate of its own.
    #[error("{} is no crate's, but a workspace's", path.display())]
    Workspace {
        /// The `Cargo.toml`.
        path: PathBuf,
    },
    /// cargo does not understand the crate.
    #[error("asking cargo about {}: {source}", path.display())]
    Metadata {
        /// The `Cargo.toml`.
        path: PathBuf,
        /// What cargo says.
        source: Box<cargo_metadata::Error>,
    },
    /// No manifest beside the `Cargo.toml`.
    #[error("{} is not there, or cannot be read", path.display())]
    NoManifest {
        /// Where it should be.
        path: PathBuf,
    },
    /// The manifest is wrong.
    #[error("{}: {problems}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// Everything that is wrong with it.
        problems: Problems,
    },
    /// The manifest names a program that the crate does not make.
    #[error("the manifest names the program {program}, but crate {krate} makes {}", list(binaries))]
    NoBinary {
        /// As this host spells it.
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
    /// cargo built something else.
    #[error("cargo did not say where it put the program {program}")]
    NotBuilt {
        /// Which.
        program: String,
    },
    /// A file could not be put in its place.
    #[error("putting {} in its place: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl LayoutError {
    /// Returns the exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::NoCrate { .. }
            | Self::Workspace { .. }
            | Self::NoManifest { .. }
            | Self::Manifest { .. }
            | Self::NoBinary { .. } => Exit::Refused,
            Self::Metadata { .. }
            | Self::NoCargo(_)
            | Self::Build { .. }
            | Self::NotBuilt { .. }
            | Self::File { .. } => Exit::Failed,
        }
    }

    /// Returns what the user can do.
    pub(crate) fn way_out(&self) -> String {
        match self {
            Self::NoCrate { .. } | Self::Workspace { .. } => {
                "go to the crate's folder, or name its Cargo.toml with --manifest-path".into()
            }
            Self::Metadata { .. } => "fix the problem that cargo reports".into(),
            Self::NoManifest { .. } => {
                "write it beside the crate's Cargo.toml with `oncue package new --publisher CN=NAME`".into()
            }
            Self::Manifest { path, .. } => {
                format!("see all of it with `oncue package check {}`", path.display())
            }
            Self::NoBinary { binaries, .. } => match binaries.first() {
                Some(binary) => format!("write Executable=\"{binary}.exe\", or rename the binary"),
                None => "give the crate a src/main.rs".into(),
            },
            Self::NoCargo(_) => "install cargo, or put it in PATH".into(),
            Self::Build { .. } => "fix the errors that cargo reports above".into(),
            Self::NotBuilt { program } => format!("build it with `cargo build` and copy it to {program}"),
            Self::File { .. } => "check the folder's permissions and the disk's space".into(),
        }
    }
}

fn list(binaries: &[String]) -> String {
    if binaries.is_empty() { "none".into() } else { binaries.join(", ") }
}
