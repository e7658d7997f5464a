//! What cargo knows about a crate, and building its programs.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::OsString;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::semver::Version;
use cargo_metadata::{Message, MetadataCommand, TargetKind};

use crate::layout::Order;
use crate::layout::error::LayoutError;

/// A crate that can become a package.
#[derive(Debug)]
pub(crate) struct Crate {
    pub(crate) name: String,
    pub(crate) version: Version,
    pub(crate) description: Option<String>,
    /// The folder of its `Cargo.toml`.
    pub(crate) folder: PathBuf,
    /// The names of its binaries.
    pub(crate) binaries: Vec<String>,
    /// Whether it depends on the SDK, so that its program may print its manifest.
    pub(crate) uses_sdk: bool,
    /// cargo's target folder.
    pub(crate) target: PathBuf,
}

/// Finds the crate of a `Cargo.toml`, by default that of the current folder or of one above.
pub(crate) fn find(given: Option<&Path>) -> Result<Crate, LayoutError> {
    let path = match given {
        Some(given) => given.canonicalize().map_err(|_| LayoutError::NoCrate { from: given.to_owned() })?,
        None => nearest()?,
    };
    let metadata = MetadataCommand::new().manifest_path(&path).no_deps().exec();
    let metadata =
        metadata.map_err(|source| LayoutError::Metadata { path: path.clone(), source: Box::new(source) })?;
    let this = metadata.packages.into_iter().find(|package| package.manifest_path == *path);
    let Some(this) = this else { return Err(LayoutError::Workspace { path }) };
    let is_binary = |target: &&cargo_metadata::Target| target.kind.contains(&TargetKind::Bin);
    Ok(Crate {
        uses_sdk: this.dependencies.iter().any(|dependency| dependency.name == "oncue"),
        name: this.name.to_string(),
        version: this.version,
        description: this.description,
        folder: path.parent().unwrap_or(&path).to_owned(),
        binaries: this.targets.iter().filter(is_binary).map(|target| target.name.clone()).collect(),
        target: metadata.target_directory.into_std_path_buf(),
    })
}

fn nearest() -> Result<PathBuf, LayoutError> {
    let here = env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let mut candidates = here.ancestors().map(|folder| folder.join("Cargo.toml"));
    candidates.find(|path| path.is_file()).ok_or(LayoutError::NoCrate { from: here })
}

/// Builds binaries of a crate and returns their paths. cargo writes to standard error.
pub(super) fn build(
    krate: &Crate,
    wanted: &BTreeSet<&str>,
    order: &Order,
) -> Result<BTreeMap<String, PathBuf>, LayoutError> {
    let mut built = BTreeMap::new();
    if wanted.is_empty() {
        return Ok(built);
    }
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.args(["build", "--message-format=json-render-diagnostics", "--package", &krate.name]);
    command.args(wanted.iter().flat_map(|binary| ["--bin", binary]));
    command.args(order.release.then_some("--release"));
    if order.lean {
        // cargo unifies the features of dependencies for all packages that it builds together.
        command.args(["--package", env!("CARGO_PKG_NAME")]);
    }
    command.current_dir(&krate.folder).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(LayoutError::NoCargo)?;
    if let Some(stdout) = child.stdout.take() {
        // A line that is not a message comes from a build script; cargo's exit status decides.
        for message in Message::parse_stream(BufReader::new(stdout)).flatten() {
            if let Message::CompilerArtifact(artifact) = message
                && let Some(executable) = artifact.executable
            {
                built.insert(artifact.target.name, executable.into_std_path_buf());
            }
        }
    }
    let status = child.wait().map_err(LayoutError::NoCargo)?;
    if status.success() { Ok(built) } else { Err(LayoutError::Build { krate: krate.name.clone(), status }) }
}
