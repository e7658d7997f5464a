//! Reading a package from its folder: manifest and programs, everything checked before it counts.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use oncue_core::{ExeServer, FamilyName, Guid, Package, Told, Version};
use oncue_manifest::{MAX_BYTES, Manifest, Problems};

use super::executable::{self, ExecutableError};
use super::{Files, Locations, MANIFEST, Standing, shared};
use crate::regular;

/// A package as its folder holds it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What the core decides with.
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
    /// Its arguments, as the manifest has them.
    pub arguments: String,
    /// The classes that it makes, with their names for people.
    pub classes: Vec<(Guid, String)>,
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.executable.display())?;
        if self.arguments.is_empty() { Ok(()) } else { write!(f, " {}", self.arguments) }
    }
}

/// Why a folder is no package that can be used.
#[derive(thiserror::Error)]
pub enum PackageProblem {
    /// There is no such folder, or no manifest in it.
    #[error("no AppxManifest.xml in {}", folder.display())]
    NoManifest {
        /// The folder.
        folder: PathBuf,
    },
    /// The path has characters that are no UTF-8.
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
        /// Why.
        source: io::Error,
    },
    /// The manifest is wrong.
    #[error("{}", first_problem(path, problems))]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// Everything that is wrong with it.
        problems: Problems,
    },
    /// A program that the manifest names cannot be used.
    #[error("{problem}")]
    Executable {
        /// What is wrong.
        problem: ExecutableError,
    },
}

impl PackageProblem {
    /// Returns how to mend it.
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

/// Reads the package of a folder, or of a path to its `AppxManifest.xml`.
///
/// # Errors
/// When the manifest is missing, too large or wrong, or when a program it names is missing, no
/// regular file, not executable, or outside the package.
pub fn load(path: &Path) -> Result<Loaded, PackageProblem> {
    let folder = if path.file_name().is_some_and(|name| name == MANIFEST) {
        path.parent().unwrap_or(path)
    } else {
        path
    };
    let folder = folder.canonicalize().map_err(|source| unread(folder, folder, source))?;
    let location =
        folder.to_str().ok_or_else(|| PackageProblem::NotUtf8 { folder: folder.clone() })?.to_owned();
    let path = folder.join(MANIFEST);
    let bytes = regular::read(&path, MAX_BYTES).map_err(|source| unread(&folder, &path, source))?;
    let manifest = Manifest::parse(&bytes).map_err(|problems| PackageProblem::Manifest { path, problems })?;
    let files = files(&folder, &manifest).map_err(|problem| PackageProblem::Executable { problem })?;
    Ok(Loaded { package: package(&manifest, location, &files), manifest, files })
}

fn unread(folder: &Path, path: &Path, source: io::Error) -> PackageProblem {
    match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            PackageProblem::NoManifest { folder: folder.to_owned() }
        }
        _ => PackageProblem::Unreadable { path: path.to_owned(), source },
    }
}

/// A package that a folder holds, beside those that are known.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) loaded: Loaded,
    /// The folder of the package that is known, if another one and if that no longer holds it.
    pub(crate) vacated: Option<String>,
}

impl Candidate {
    /// Reads the package of a folder.
    pub(super) fn read(path: &Path, known: &Locations) -> Result<Self, PackageProblem> {
        let loaded = load(path)?;
        let family = &loaded.package.family;
        // A package whose programs are being built anew is still there.
        let is_gone = |folder: &Path| match load(folder) {
            Ok(there) => there.package.family != *family,
            Err(problem) => matches!(problem, PackageProblem::NoManifest { .. }),
        };
        let elsewhere = known.get(family).filter(|folder| **folder != loaded.files.location);
        let vacated = elsewhere.filter(|folder| is_gone(folder)).map(|folder| folder.display().to_string());
        Ok(Self { loaded, vacated })
    }

    /// As [`read`](Self::read), but a folder without a manifest is no problem.
    pub(super) fn look(folder: &Path, known: &Locations) -> Option<Result<Self, PackageProblem>> {
        folder.join(MANIFEST).is_file().then(|| Self::read(folder, known))
    }
}

fn files(folder: &Path, manifest: &Manifest) -> Result<Files, ExecutableError> {
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
        // An application that is no task server need not be there for tasks to run.
        if let Some(written) = &application.executable
            && let Ok(executable) = executable::find(folder, written, links)
        {
            executables.push(executable);
        }
    }
    executables.sort();
    executables.dedup();
    let shared = shared::is_shared(folder);
    Ok(Files { location: folder.to_owned(), shared, servers, executables, standing: Standing::Ready })
}

fn package(manifest: &Manifest, location: String, files: &Files) -> Package {
    let version = manifest.identity.version;
    let servers = files.servers.iter();
    Package {
        family: FamilyName::new(&manifest.identity.family_name()),
        full_name: manifest.identity.full_name(),
        display_name: manifest.shown_name().to_owned(),
        version: Version([version.major, version.minor, version.build, version.revision]),
        location,
        servers: servers
            .map(|program| ExeServer {
                classes: program.classes.iter().map(|class| class.0).collect(),
                command: format!("{}\n{}", program.executable.display(), program.arguments),
            })
            .collect(),
    }
}
