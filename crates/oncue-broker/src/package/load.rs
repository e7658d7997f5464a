//! Reads a package from its folder: the manifest and the programs, all of which are checked.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use oncue_core::{ExeServer, FamilyName, Guid, Package, Told};
use oncue_manifest::{MAX_BYTES, Manifest, Problems};

use super::executable::{self, ExecutableError};
use super::place::{self, Named};
use super::{Files, Locations, MANIFEST, Standing, shared};
use crate::regular;

/// A package as found in its folder.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What the core needs to know.
    pub package: Package,
    /// The manifest.
    pub manifest: Manifest,
    pub(crate) files: Files,
}

impl Loaded {
    /// Returns the programs of the task servers, in the manifest's order.
    #[must_use]
    pub fn programs(&self) -> &[Program] {
        &self.files.servers
    }
}

/// One task server's program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The executable, its real path.
    pub executable: PathBuf,
    /// Its arguments, as in the manifest.
    pub arguments: String,
    /// The classes that it serves, with their display names.
    pub classes: Vec<(Guid, String)>,
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.executable.display())?;
        if self.arguments.is_empty() { Ok(()) } else { write!(f, " {}", self.arguments) }
    }
}

/// Why a folder is not a usable package.
#[derive(thiserror::Error)]
pub enum PackageProblem {
    /// The folder or its manifest does not exist.
    #[error("no {manifest} in {}", folder.display())]
    NoManifest {
        /// The folder.
        folder: PathBuf,
        /// The manifest's file name.
        manifest: String,
    },
    /// The path is not valid UTF-8.
    #[error("the path {} is not UTF-8", folder.display())]
    NotUtf8 {
        /// The folder.
        folder: PathBuf,
    },
    /// The manifest or a program cannot be read.
    #[error("reading {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The manifest is invalid.
    #[error("{}", first_problem(path, problems))]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// All its problems.
        problems: Problems,
    },
    /// A program in the manifest cannot be used.
    #[error("{problem}")]
    Executable {
        /// The problem.
        problem: ExecutableError,
    },
}

impl PackageProblem {
    /// Returns how to fix it.
    #[must_use]
    pub fn way_out(&self) -> String {
        match self {
            Self::NoManifest { .. } => {
                "pass the folder that contains AppxManifest.xml; `oncue package layout` builds one from a crate"
                    .into()
            }
            Self::NotUtf8 { .. } => "rename the folder".into(),
            Self::Unreadable { .. } => "check the file's permissions".into(),
            Self::Manifest { problems, .. } => problems.first_error().map_or_else(
                || "see `oncue package check FOLDER`".into(),
                |problem| problem.way_out().into_owned(),
            ),
            Self::Executable { problem } => problem.way_out().into(),
        }
    }
}

impl fmt::Debug for PackageProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Told::of(self).with(Some(&self.way_out())), f)
    }
}

fn first_problem(path: &Path, problems: &Problems) -> String {
    let errors =
        problems.iter().filter(|problem| problem.severity == oncue_manifest::Severity::Error).count();
    let more = if errors > 1 {
        format!(" (and {} more: see `oncue package check FOLDER`)", errors - 1)
    } else {
        String::new()
    };
    problems.first_error().map_or_else(
        || format!("{} cannot be used", path.display()),
        |problem| format!("{}:{}:{}: {problem}{more}", path.display(), problem.line, problem.column),
    )
}

/// Reads the package in a folder, or with the `AppxManifest.xml` or the manifest of one program at a path.
///
/// # Errors
/// Returns an error if the manifest is missing, too large or invalid, or if one of its programs is
/// missing, not a regular file, not executable, or outside the package.
pub fn load(path: &Path) -> Result<Loaded, PackageProblem> {
    let Named { folder, manifest } = place::named(path);
    let unread = |folder: &Path, path: &Path, source| unread(folder, manifest, path, source);
    let folder = folder.canonicalize().map_err(|source| unread(folder, folder, source))?;
    let path = folder.join(manifest);
    let location = if manifest == MANIFEST { folder.clone() } else { path.clone() };
    let not_utf8 = || PackageProblem::NotUtf8 { folder: location.clone() };
    let shown = location.to_str().ok_or_else(not_utf8)?.to_owned();
    let bytes = regular::read(&path, MAX_BYTES).map_err(|source| unread(&folder, &path, source))?;
    let manifest = Manifest::parse(&bytes).map_err(|problems| PackageProblem::Manifest { path, problems })?;
    let files = files(&folder, location, &manifest);
    let files = files.map_err(|problem| PackageProblem::Executable { problem })?;
    Ok(Loaded { package: package(&manifest, shown, &files), manifest, files })
}

fn unread(folder: &Path, manifest: &OsStr, path: &Path, source: io::Error) -> PackageProblem {
    if matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) {
        let manifest = manifest.to_string_lossy().into_owned();
        return PackageProblem::NoManifest { folder: folder.to_owned(), manifest };
    }
    PackageProblem::Unreadable { path: path.to_owned(), source }
}

/// A package found in a folder, compared with the known packages.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) loaded: Loaded,
    /// The folder of the known package, if it is another one that no longer contains it.
    pub(crate) vacated: Option<String>,
}

impl Candidate {
    /// Reads the package in a folder.
    pub(super) fn read(path: &Path, known: &Locations) -> Result<Self, PackageProblem> {
        let loaded = load(path)?;
        let family = &loaded.package.family;
        // A package whose programs are just being rebuilt still exists.
        let is_gone = |folder: &Path| match load(folder) {
            Ok(there) => there.package.family != *family,
            Err(problem) => matches!(problem, PackageProblem::NoManifest { .. }),
        };
        let elsewhere = known.get(family).filter(|folder| **folder != loaded.files.location);
        let vacated = elsewhere.filter(|folder| is_gone(folder)).map(|folder| folder.display().to_string());
        Ok(Self { loaded, vacated })
    }

    /// Like [`read`](Self::read), but a manifest that does not exist is not an error.
    pub(super) fn look(manifest: &Path, known: &Locations) -> Option<Result<Self, PackageProblem>> {
        manifest.is_file().then(|| Self::read(manifest, known))
    }
}

fn files(folder: &Path, location: PathBuf, manifest: &Manifest) -> Result<Files, ExecutableError> {
    let links = shared::may_link_out(folder);
    let mut servers = Vec::new();
    let mut executables = Vec::new();
    for application in &manifest.applications {
        for server in &application.servers {
            let executable = executable::find(folder, &server.executable, links)?;
            executables.push(executable.clone());
            let classes = server.classes.iter();
            let classes =
                classes.map(|class| (class.id, class.display_name.clone().unwrap_or_default())).collect();
            servers.push(Program { executable, arguments: server.arguments.clone(), classes });
        }
        // Tasks do not need an application that is not a task server.
        if let Some(written) = &application.executable
            && let Ok(executable) = executable::find(folder, written, links)
        {
            executables.push(executable);
        }
    }
    executables.sort();
    executables.dedup();
    let shared = shared::is_shared(folder);
    Ok(Files { location, shared, servers, executables, standing: Standing::Ready })
}

fn package(manifest: &Manifest, location: String, files: &Files) -> Package {
    let servers = files.servers.iter();
    Package {
        family: FamilyName::new(&manifest.identity.family_name()),
        full_name: manifest.identity.full_name(),
        display_name: manifest.shown_name().to_owned(),
        version: manifest.identity.version,
        location,
        servers: servers
            .map(|program| ExeServer {
                classes: program.classes.iter().map(|class| class.0).collect(),
                command: format!("{}\n{}", program.executable.display(), program.arguments),
            })
            .collect(),
    }
}
