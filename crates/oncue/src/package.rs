//! The package that this process belongs to.

use std::path::Path;
use std::path::PathBuf;

use crate::Error;
use crate::host::{Here, Host};

/// The package that this process belongs to.
///
/// Microsoft: *Package Class (Windows.ApplicationModel)*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    family_name: String,
    full_name: String,
    location: PathBuf,
}

impl Package {
    /// Asks which package this process belongs to. Microsoft: *Package.Current*.
    ///
    /// # Errors
    /// When it belongs to none ([`is_no_identity`](Error::is_no_identity)), or when no broker can
    /// be reached.
    pub fn current() -> Result<Self, Error> {
        Here::package()
    }

    pub(crate) fn new(family_name: String, full_name: String, location: PathBuf) -> Self {
        Self { family_name, full_name, location }
    }

    /// Returns its family name: name and publisher, the same in every version.
    /// Microsoft: *PackageId.FamilyName*.
    #[must_use]
    pub fn family_name(&self) -> &str {
        &self.family_name
    }

    /// Returns its full name: name, version, architecture and publisher.
    /// Microsoft: *PackageId.FullName*.
    #[must_use]
    pub fn full_name(&self) -> &str {
        &self.full_name
    }

    /// Returns the folder that holds its manifest. Microsoft: *Package.InstalledLocation*.
    #[must_use]
    pub fn installed_location(&self) -> &Path {
        &self.location
    }
}
