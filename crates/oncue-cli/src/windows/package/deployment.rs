//! The packages that are registered with Windows in developer mode.

use std::path::{Path, PathBuf, absolute};

use oncue_manifest::Manifest;
use windows::ApplicationModel::Package;
use windows::Foundation::Uri;
use windows::Management::Deployment::{DeploymentOptions, PackageManager};
use windows::core::{HSTRING, Result as WindowsResult};

use crate::check::{self, CheckError, MANIFEST};
use crate::exit::Exit;
use crate::failure::Failure;

/// Error numbers of Windows, and what to do about them.
const NUMBERS: [(u32, &str); 6] = [
    (0x8007_3cff, "switch developer mode on: Settings, For developers"),
    (0x8007_3d02, "close the package's programs, and retry"),
    (0x8007_3cf6, "see `oncue package check FOLDER`, and `Get-AppPackageLog`"),
    (0x8007_3cf9, "see `oncue package check FOLDER`, and `Get-AppPackageLog`"),
    (0x8007_3cfb, "first remove the package with this name: `oncue package remove NAME`"),
    (0x8004_0154, "use Windows 10 version 2004 (build 19041) or later"),
];

/// Windows refused or failed.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {} (0x{:08x})", source.message(), source.code().0)]
pub(super) struct WindowsError {
    /// What was attempted.
    what: &'static str,
    /// The error from Windows.
    source: windows::core::Error,
}

impl WindowsError {
    /// Adds what was attempted to an error of Windows.
    fn of(what: &'static str) -> impl Fn(windows::core::Error) -> Self {
        move |source| Self { what, source }
    }

    /// Returns what to do about it.
    fn way_out(&self) -> &'static str {
        let number = self.source.code().0.cast_unsigned();
        let known = NUMBERS.iter().find(|(known, _)| *known == number);
        known.map_or("see `Get-AppPackageLog`", |(_, way_out)| way_out)
    }
}

impl From<WindowsError> for Failure {
    fn from(error: WindowsError) -> Self {
        let way_out = error.way_out();
        Self::new(Exit::Failed, error).with_way_out(way_out)
    }
}

/// A package that is registered in the folder where it was built.
#[derive(Debug)]
pub(super) struct Registered {
    pub(super) family_name: String,
    pub(super) full_name: String,
    pub(super) display_name: String,
    pub(super) version: String,
    pub(super) folder: PathBuf,
    /// The classes that its manifest declares.
    pub(super) classes: Vec<String>,
}

/// Registers the package in a folder, or with a manifest at a path, for this user.
///
/// Microsoft: *PackageManager.RegisterPackageAsync*, with *DeploymentOptions.DevelopmentMode*.
pub(super) fn add(path: &Path) -> Result<(), Failure> {
    let named = path.file_name().is_some_and(|name| name == MANIFEST);
    let manifest = if named { path.to_owned() } else { path.join(MANIFEST) };
    // A missing file is reported here, because Windows has one number for a hundred causes.
    check::read(&manifest)?;
    let manifest =
        absolute(&manifest).map_err(|source| CheckError::Unreadable { path: manifest.clone(), source })?;
    let register = || {
        let uri = Uri::CreateUri(&HSTRING::from(manifest.as_os_str()))?;
        let options = DeploymentOptions::DevelopmentMode;
        PackageManager::new()?.RegisterPackageAsync(&uri, None, options)?.join().map(drop)
    };
    Ok(register().map_err(WindowsError::of("Windows could not register the package"))?)
}

/// Unregisters a package; its folder stays.
///
/// Microsoft: *PackageManager.RemovePackageAsync*.
pub(super) fn remove(full_name: &str) -> Result<(), WindowsError> {
    let remove = || PackageManager::new()?.RemovePackageAsync(&HSTRING::from(full_name))?.join().map(drop);
    remove().map_err(WindowsError::of("Windows could not remove the package"))
}

/// Returns this user's packages in developer mode that declare a class.
///
/// Microsoft: *PackageManager.FindPackagesByUserSecurityId*; an empty id means this user.
pub(super) fn all() -> Result<Vec<Registered>, WindowsError> {
    let find = || -> WindowsResult<Vec<Registered>> {
        let packages = PackageManager::new()?.FindPackagesByUserSecurityId(&HSTRING::new())?;
        let mut found = Vec::new();
        for package in packages {
            // A package that is half removed has no folder any more.
            if package.IsDevelopmentMode()?
                && let Ok(registered) = registered(&package)
                && !registered.classes.is_empty()
            {
                found.push(registered);
            }
        }
        Ok(found)
    };
    let mut found = find().map_err(WindowsError::of("Windows could not list the packages"))?;
    found.sort_by(|a, b| a.family_name.cmp(&b.family_name));
    Ok(found)
}

fn registered(package: &Package) -> WindowsResult<Registered> {
    let id = package.Id()?;
    let version = id.Version()?;
    let folder = PathBuf::from(package.InstalledPath()?.to_os_string());
    Ok(Registered {
        family_name: id.FamilyName()?.to_string_lossy(),
        full_name: id.FullName()?.to_string_lossy(),
        display_name: package.DisplayName()?.to_string_lossy(),
        version: format!("{}.{}.{}.{}", version.Major, version.Minor, version.Build, version.Revision),
        classes: classes(&folder),
        folder,
    })
}

/// The classes of a package; none if its manifest cannot be read.
fn classes(folder: &Path) -> Vec<String> {
    let manifest = check::read(&folder.join(MANIFEST)).ok().and_then(|bytes| Manifest::parse(&bytes).ok());
    let applications = manifest.into_iter().flat_map(|manifest| manifest.applications);
    let servers = applications.flat_map(|application| application.servers);
    servers.flat_map(|server| server.classes).map(|class| class.id.to_string()).collect()
}
