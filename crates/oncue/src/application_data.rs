//! Where the package keeps its data.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::client::Client;
use crate::{Error, question};

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
        let local_folder = PathBuf::from(Client::get().ask(question::identity())?.local_folder);
        match DirBuilder::new().recursive(true).mode(0o700).create(&local_folder) {
            Ok(()) => Ok(Self { local_folder }),
            Err(source) => Err(Error::local_folder(local_folder, source)),
        }
    }

    /// Returns the folder for data that stays on this machine; it survives updates of the package.
    /// Microsoft: *ApplicationData.LocalFolder*.
    #[must_use]
    pub fn local_folder(&self) -> &Path {
        &self.local_folder
    }
}
