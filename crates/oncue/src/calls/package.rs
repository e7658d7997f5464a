//! What an app asks about its own package.

use crate::access::BackgroundAccessStatus;
use crate::error::Error;
use crate::here::Here;
use crate::host::Host;
use crate::package::Package;

impl Package {
    /// Returns the package that this process belongs to. Microsoft: *Package.Current*.
    ///
    /// # Errors
    /// Returns an error if it does not belong to a package
    /// ([`is_no_identity`](Error::is_no_identity)), or if the broker cannot be reached.
    pub fn current() -> Result<Self, Error> {
        Here::package()
    }
}

/// Requests and reports what this process's package may do in the background.
///
/// Microsoft: *BackgroundExecutionManager Class (Windows.ApplicationModel.Background)*. The user
/// sets this with `oncue access set`; an app cannot change it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct BackgroundExecutionManager;

impl BackgroundExecutionManager {
    /// Requests permission to run in the background. As on Windows 10 and later, the user is not
    /// prompted: this returns the current status, and tasks can be registered without it.
    /// Microsoft: *BackgroundExecutionManager.RequestAccessAsync*.
    ///
    /// # Errors
    /// Returns an error if this process does not belong to a package
    /// ([`is_no_identity`](Error::is_no_identity)), or if the broker cannot be reached.
    pub fn request_access() -> Result<BackgroundAccessStatus, Error> {
        Here::request_access()
    }

    /// Returns the current status. Microsoft: *BackgroundExecutionManager.GetAccessStatus*.
    ///
    /// # Errors
    /// Returns the same errors as [`request_access`](Self::request_access).
    pub fn get_access_status() -> Result<BackgroundAccessStatus, Error> {
        Here::access_status()
    }

    /// Gives up the permission. On Windows, this removes the app from the list of apps that
    /// requested it. On Linux there is no such list, so this does nothing, and the user's setting
    /// stays the same.
    /// Microsoft: *BackgroundExecutionManager.RemoveAccess*.
    ///
    /// # Errors
    /// None on Linux; on Windows, if this process does not belong to a package.
    pub fn remove_access() -> Result<(), Error> {
        Here::remove_access()
    }
}
