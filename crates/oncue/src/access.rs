//! What the user allows this process's package to do in the background.

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
