//! Where the package keeps its data.

use std::path::{Path, PathBuf};

use crate::Error;
use crate::host::{Here, Host};

/// Where the package keeps its data.
///
/// Microsoft: *ApplicationData Class (Windows.Storage)*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationData {
    local_folder: PathBuf,
}

impl ApplicationData {
    /// Asks where the data of this process's package lies, and makes the folder if it is missing,
    /// open to its user only. Microsoft: *ApplicationData.Current*.
    ///
    /// # Errors
    /// When this process belongs to no package ([`is_no_identity`](Error::is_no_identity)), when no
    /// broker can be reached, or when the folder cannot be made.
    pub fn current() -> Result<Self, Error> {
        Ok(Self { local_folder: Here::local_folder()? })
    }

    /// Returns the folder for data that stays on this machine; it survives updates of the package.
    /// Microsoft: *ApplicationData.LocalFolder*.
    #[must_use]
    pub fn local_folder(&self) -> &Path {
        &self.local_folder
    }
}
