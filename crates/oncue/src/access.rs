//! What the user allows this process's package to do in the background.

use crate::Error;
use crate::host::{Here, Host};

/// Requests and reports what this process's package may do in the background.
///
/// Microsoft: *BackgroundExecutionManager Class (Windows.ApplicationModel.Background)*. The user
/// sets this with `oncue access set`; an app cannot change it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct BackgroundExecutionManager;

/// What a package may do in the background, with WinRT's numbers.
///
/// Microsoft: *BackgroundAccessStatus Enum (Windows.ApplicationModel.Background)*. The numbers 1 to
/// 3 belong to Windows before version 1607 and are no longer used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u32)]
pub enum BackgroundAccessStatus {
    /// Not specified, or a value of a newer broker that this version does not know.
    Unspecified = 0,
    /// The package's tasks run even while the energy saver is on.
    AlwaysAllowed = 4,
    /// The package's tasks run when the system's policy permits it. This is the default.
    AllowedSubjectToSystemPolicy = 5,
    /// The system's policy forbids the package's tasks. oncue's broker never returns this.
    DeniedBySystemPolicy = 6,
    /// The user has denied the package: its tasks can be registered, but are held when they fire.
    DeniedByUser = 7,
}

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
