//! Checks a package's folder: its manifest, its programs and its images.

mod servers;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use oncue_manifest::{
    Application, MAX_BYTES, Manifest, Problem, Severity, executable_candidates, in_package,
};
use serde::Serialize;

/// The manifest's name in the package's folder.
pub(crate) const MANIFEST: &str = "AppxManifest.xml";

/// Why a package cannot be checked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckError {
    /// The folder has no manifest.
    #[error("no {MANIFEST} in {}", folder.display())]
    NoManifest {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder is not a package.
    #[cfg(not(windows))]
    #[error(transparent)]
    Package(oncue_broker::PackageProblem),
    /// The manifest cannot be read.
    #[error("reading {}", path.display())]
    Unreadable {
        /// Its path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

impl CheckError {
    /// Returns whether this is an answer about the package; otherwise the system failed.
    pub(crate) fn is_refusal(&self) -> bool {
        match self {
            Self::NoManifest { .. } => true,
            #[cfg(not(windows))]
            Self::Package(_) => true,
            Self::Unreadable { .. } => false,
        }
    }

    /// Returns what to do about it.
    pub(crate) fn way_out(&self) -> String {
        match self {
            Self::NoManifest { .. } => {
                "pass the folder that contains AppxManifest.xml; `oncue package layout` builds one from a crate"
                    .into()
            }
            #[cfg(not(windows))]
            Self::Package(problem) => problem.way_out(),
            Self::Unreadable { .. } => "check the file's permissions".into(),
        }
    }
}

/// A package's folder after the check.
#[derive(Debug)]
pub(crate) struct Checked {
    /// The manifest's path, as given by the user.
    pub(crate) manifest: PathBuf,
    /// The package's identity, if the manifest defines it.
    pub(crate) package: Option<Identity>,
    /// Whether it declares a task server.
    pub(crate) serves: bool,
    /// All findings, in the order of the manifest.
    pub(crate) findings: Vec<Finding>,
}

/// A package's identity.
#[derive(Debug, Serialize)]
pub(crate) struct Identity {
    pub(crate) family_name: String,
    pub(crate) full_name: String,
    pub(crate) display_name: String,
    pub(crate) version: String,
}

/// One finding.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    /// Line and column in the manifest, from 1.
    pub(crate) place: Option<(u32, u32)>,
    pub(crate) what: String,
    pub(crate) way_out: String,
}

/// The check as JSON.
#[derive(Debug, Serialize)]
pub(crate) struct Shape<'a> {
    manifest: String,
    package: Option<&'a Identity>,
    usable: bool,
    problems: Vec<FindingShape<'a>>,
}

#[derive(Debug, Serialize)]
struct FindingShape<'a> {
    severity: &'static str,
    line: Option<u32>,
    column: Option<u32>,
    what: &'a str,
    way_out: &'a str,
}

impl Checked {
    /// Whether the package can be used here.
    pub(crate) fn is_usable(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity != Severity::Error)
    }

    /// Whether the package can be used here and on Windows.
    pub(crate) fn is_fine(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity == Severity::Advice)
    }

    /// Returns the check as written in JSON.
    pub(crate) fn shape(&self) -> Shape<'_> {
        Shape {
            manifest: self.manifest.display().to_string(),
            package: self.package.as_ref(),
            usable: self.is_usable(),
            problems: self.findings.iter().map(shape_of).collect(),
        }
    }
}

fn shape_of(finding: &Finding) -> FindingShape<'_> {
    FindingShape {
        severity: match finding.severity {
            Severity::Error => "error",
            Severity::WindowsRefuses => "windows_refuses",
            Severity::Advice => "advice",
        },
        line: finding.place.map(|place| place.0),
        column: finding.place.map(|place| place.1),
        what: &finding.what,
        way_out: &finding.way_out,
    }
}

impl From<&Problem> for Finding {
    fn from(problem: &Problem) -> Self {
        Self {
            severity: problem.severity,
            place: Some((problem.line, problem.column)),
            what: problem.to_string(),
            way_out: problem.way_out().into_owned(),
        }
    }
}

/// Checks the package in a folder, or with a manifest at a path.
pub(crate) fn check(path: &Path) -> Result<Checked, CheckError> {
    let named = path.file_name().is_some_and(|name| name == MANIFEST);
    let manifest = if named { path.to_owned() } else { path.join(MANIFEST) };
    let folder = manifest.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let bytes = read(&manifest)?;
    let (package, serves, findings) = match Manifest::parse(&bytes) {
        Err(problems) => (None, false, problems.iter().map(Finding::from).collect()),
        Ok(parsed) => (Some(identity(&parsed)), serves(&parsed), of_folder(folder, &parsed)?),
    };
    Ok(Checked { manifest, package, serves, findings })
}

/// Reads a manifest, up to one byte more than its maximum size, so that a larger one is refused.
pub(crate) fn read(manifest: &Path) -> Result<Vec<u8>, CheckError> {
    let most = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    let read = File::open(manifest).and_then(|file| file.take(most).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok(bytes),
        Err(source) if source.kind() == io::ErrorKind::NotFound => {
            let folder = manifest.parent().unwrap_or(manifest).to_owned();
            Err(CheckError::NoManifest { folder })
        }
        Err(source) => Err(CheckError::Unreadable { path: manifest.to_owned(), source }),
    }
}

fn serves(manifest: &Manifest) -> bool {
    manifest.classes().next().is_some()
}

fn identity(manifest: &Manifest) -> Identity {
    Identity {
        family_name: manifest.identity.family_name(),
        full_name: manifest.identity.full_name(),
        display_name: manifest.shown_name().to_owned(),
        version: manifest.identity.version.to_string(),
    }
}

fn of_folder(folder: &Path, manifest: &Manifest) -> Result<Vec<Finding>, CheckError> {
    let mut findings: Vec<Finding> = manifest.warnings.iter().map(Finding::from).collect();
    let programs = servers::problems(folder, manifest)?.into_iter();
    findings.extend(programs.map(|(what, way_out)| whole(Severity::Error, what, way_out)));
    if !serves(manifest) {
        let what = "the package declares no task server, so it can have no tasks".into();
        let way_out = "add a `windows.comServer` extension to its application; `oncue package new --publisher CN=NAME` writes one";
        findings.push(whole(Severity::Advice, what, way_out.into()));
    }
    findings.extend(manifest.applications.iter().filter_map(|application| program(folder, application)));
    findings.extend(pictures(manifest).filter(|picture| !has_picture(folder, picture)).map(|picture| {
        let what = format!("image {picture} does not exist");
        whole(Severity::WindowsRefuses, what, "add the image, or name one that exists".into())
    }));
    Ok(findings)
}

fn whole(severity: Severity, what: String, way_out: String) -> Finding {
    Finding { severity, place: None, what, way_out }
}

/// The application's own program is not needed by its tasks, but by users who start it.
fn program(folder: &Path, application: &Application) -> Option<Finding> {
    let written = application.executable.as_deref()?;
    if application.servers.iter().any(|server| server.executable == written) {
        return None;
    }
    let there = executable_candidates(written).iter().any(|candidate| folder.join(candidate).is_file());
    let what = || format!("the program of application {}, {written}, does not exist", application.id);
    (!there).then(|| whole(Severity::Advice, what(), "build it into the package's folder".into()))
}

/// Returns the paths of the images that the manifest names, as spelled on this system.
pub(crate) fn pictures(manifest: &Manifest) -> impl Iterator<Item = String> {
    let of_applications = manifest.applications.iter().flat_map(|application| {
        let shown = &application.visual_elements;
        [shown.square_150x150_logo.as_deref(), shown.square_44x44_logo.as_deref()]
    });
    let mut paths: Vec<String> =
        (of_applications.chain([manifest.logo.as_deref()])).flatten().filter_map(in_package).collect();
    paths.sort();
    paths.dedup();
    paths.into_iter()
}

/// An image may exist only in variants: `Logo.scale-200.png` for `Logo.png` (Microsoft, "Tailor
/// your resources for language, scale, high contrast, and other qualifiers").
fn has_picture(folder: &Path, picture: &str) -> bool {
    let path = folder.join(picture);
    if path.is_file() {
        return true;
    }
    let (Some(stem), Some(extension)) = (path.file_stem(), path.extension()) else { return false };
    let (start, end) = (format!("{}.", stem.display()), format!(".{}", extension.display()));
    let entries = path.parent().and_then(|parent| parent.read_dir().ok()).into_iter().flatten().flatten();
    let mut names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.any(|name| name.starts_with(&start) && name.ends_with(&end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(not(windows))]
    #[test]
    fn the_shape_is_as_documented() {
        use crate::render::json::documented::{assert_documented, value};
        let package = Identity {
            family_name: "Primes_x".into(),
            full_name: "Primes_1.0.0.0_x64__x".into(),
            display_name: "Primes".into(),
            version: "1.0.0.0".into(),
        };
        let finding =
            Finding { severity: Severity::Error, place: Some((3, 5)), what: "a".into(), way_out: "b".into() };
        let checked = Checked {
            manifest: MANIFEST.into(),
            package: Some(package),
            serves: true,
            findings: vec![finding],
        };
        let shape = value(&checked.shape());
        assert_documented("A check", &shape);
        assert_documented("A problem of a check", &shape["problems"][0]);
        assert_eq!(shape["usable"], false);
    }

    #[test]
    fn a_picture_may_be_there_in_variants_only() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("Assets")).unwrap();
        std::fs::write(folder.path().join("Assets/Logo.scale-200.png"), "").unwrap();
        assert!(has_picture(folder.path(), "Assets/Logo.png"));
        assert!(!has_picture(folder.path(), "Assets/Log.png"));
    }
}
