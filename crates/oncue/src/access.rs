//! What the user allows this process's package to do in the background.

use crate::Error;
use crate::host::{Here, Host};

/// Asks what the user allows this process's package.
///
/// Microsoft: *BackgroundExecutionManager Class (Windows.ApplicationModel.Background)*. The user
/// says it with `oncue access set`, and an app cannot change it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct BackgroundExecutionManager;

/// What the user allows a package, with WinRT's numbers.
///
/// Microsoft: *BackgroundAccessStatus Enum (Windows.ApplicationModel.Background)*. The numbers 1 to
/// 3 are those of Windows before version 1607; nobody gives them any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u32)]
pub enum BackgroundAccessStatus {
    /// Nobody has said; also what a newer broker may say and this version does not know.
    Unspecified = 0,
    /// Its tasks run, whatever the energy saver says.
    AlwaysAllowed = 4,
    /// Its tasks run when the policy of the system allows it; so it is until the user says otherwise.
    AllowedSubjectToSystemPolicy = 5,
    /// The policy of the system forbids its tasks; oncue's broker never gives it.
    DeniedBySystemPolicy = 6,
    /// The user forbids its tasks: they can be registered, and are held when they fire.
    DeniedByUser = 7,
}

impl BackgroundExecutionManager {
    /// Asks for the right to run in the background. As on Windows 10 and later nobody is prompted:
    /// it says what holds already, and a task can be registered without it.
    /// Microsoft: *BackgroundExecutionManager.RequestAccessAsync*.
    ///
    /// # Errors
    /// When this process belongs to no package ([`is_no_identity`](Error::is_no_identity)), or when
    /// no broker can be reached.
    pub fn request_access() -> Result<BackgroundAccessStatus, Error> {
        Here::request_access()
    }

    /// Returns what the user allows now. Microsoft: *BackgroundExecutionManager.GetAccessStatus*.
    ///
    /// # Errors
    /// Those of [`request_access`](Self::request_access).
    pub fn get_access_status() -> Result<BackgroundAccessStatus, Error> {
        Here::access_status()
    }

    /// Gives the right back. On Windows this takes the app off the list of those that have asked;
    /// here is no such list, and what the user has said stays as it is: nothing is done.
    /// Microsoft: *BackgroundExecutionManager.RemoveAccess*.
    ///
    /// # Errors
    /// None here; on Windows, when this process belongs to no package.
    pub fn remove_access() -> Result<(), Error> {
        Here::remove_access()
    }
}
