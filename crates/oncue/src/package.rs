//! The package that this process belongs to.

use std::path::{Path, PathBuf};

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
    pub(crate) fn new(family_name: String, full_name: String, location: PathBuf) -> Self {
        Self { family_name, full_name, location }
    }

    /// Returns the family name, made of name and publisher and the same in every version.
    /// Microsoft: *PackageId.FamilyName*.
    #[must_use]
    pub fn family_name(&self) -> &str {
        &self.family_name
    }

    /// Returns the full name, made of name, version, architecture and publisher.
    /// Microsoft: *PackageId.FullName*.
    #[must_use]
    pub fn full_name(&self) -> &str {
        &self.full_name
    }

    /// Returns the folder that contains the manifest. Microsoft: *Package.InstalledLocation*.
    #[must_use]
    pub fn installed_location(&self) -> &Path {
        &self.location
    }
}
