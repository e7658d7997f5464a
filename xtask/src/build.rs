//! Builds a program of this workspace.

use std::io::{self, BufReader};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};

use cargo_metadata::Message;

/// Why the program could not be built.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildError {
    /// cargo could not be started, or its messages could not be read.
    #[error("cargo build of {package}: {source}")]
    Cargo {
        /// The package.
        package: String,
        /// The error.
        source: io::Error,
    },
    /// cargo could not build the package; it has reported why on stderr.
    #[error("cargo build of {package} ended with {status}")]
    Ended {
        /// The package.
        package: String,
        /// How cargo ended.
        status: ExitStatus,
    },
    /// cargo built the package, but it has no program.
    #[error("cargo build of {package} made no program")]
    NoProgram {
        /// The package.
        package: String,
    },
}

/// Builds `package` in release mode and returns the path of its program. cargo's own messages go to
/// stderr.
pub(crate) fn release(package: &str) -> Result<PathBuf, BuildError> {
    program(package, &["--release"])
}

/// Does the same in the dev profile.
pub(crate) fn debug(package: &str) -> Result<PathBuf, BuildError> {
    program(package, &[])
}

fn program(package: &str, options: &[&str]) -> Result<PathBuf, BuildError> {
    let failed = |source| BuildError::Cargo { package: package.to_owned(), source };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo)
        .current_dir(crate::workspace_root())
        .args(["build", "--package", package])
        .args(options)
        .arg("--message-format=json-render-diagnostics")
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut program = None;
    if let Some(output) = build.stdout.take() {
        for message in Message::parse_stream(BufReader::new(output)) {
            program = executable(message.map_err(failed)?).or(program);
        }
    }
    let status = build.wait().map_err(failed)?;
    if !status.success() {
        return Err(BuildError::Ended { package: package.to_owned(), status });
    }
    program.ok_or_else(|| BuildError::NoProgram { package: package.to_owned() })
}

fn executable(message: Message) -> Option<PathBuf> {
    let Message::CompilerArtifact(artifact) = message else { return None };
    artifact.executable.map(Into::into)
}
