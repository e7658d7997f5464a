//! The folder for the package's data.

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::here::Here;
use crate::host::Host;

/// The folder for the package's data.
///
/// Microsoft: *ApplicationData Class (Windows.Storage)*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationData {
    local_folder: PathBuf,
}

impl ApplicationData {
    /// Returns the data folder of this process's package, and creates it if it does not exist,
    /// accessible only to the user. Microsoft: *ApplicationData.Current*.
    ///
    /// # Errors
    /// Returns an error if this process does not belong to a package
    /// ([`is_no_identity`](Error::is_no_identity)), if the broker cannot be reached, or if the
    /// folder cannot be created.
    pub fn current() -> Result<Self, Error> {
        Ok(Self { local_folder: Here::local_folder()? })
    }

    /// Returns the folder for data that stays on this machine. It is kept when the package is
    /// updated.
    /// Microsoft: *ApplicationData.LocalFolder*.
    #[must_use]
    pub fn local_folder(&self) -> &Path {
        &self.local_folder
    }
}
