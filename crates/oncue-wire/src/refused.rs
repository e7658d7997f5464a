//! A refusal on the wire: a D-Bus error with a name, a message and a way out.

use std::fmt;

use oncue_types::{Refusal, Told};

/// The kind of refusal. Its name is the last part of the D-Bus error name, and does not change between
/// versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// No task has this id or name.
    UnknownTask,
    /// Several tasks have this name.
    AmbiguousTask,
    /// A task already has this name.
    TaskExists,
    /// No package has this name.
    UnknownPackage,
    /// The caller's process does not belong to a package.
    NoIdentity,
    /// The package does not declare this class.
    ClassNotDeclared,
    /// An argument is wrong.
    InvalidArgument,
    /// There are too many of something.
    NotEnoughQuota,
    /// The task is neither running nor held.
    NotActive,
    /// A newer version is installed.
    Downgrade,
    /// The package is already installed from another folder.
    PackageExists,
    /// The package's manifest or files are invalid.
    BadPackage,
    /// The caller may not do that.
    AccessDenied,
    /// The store cannot be written.
    StoreUnwritable,
    /// The broker is about to end.
    Stopping,
    /// The host does not support it.
    NotSupported,
    /// There is no such method, or its arguments have other types.
    UnknownMethod,
    /// The broker failed; its log has details.
    Fault,
}

/// A refusal by the broker.
#[derive(Clone, PartialEq, Eq)]
pub struct Refused {
    /// The kind of refusal.
    pub code: Code,
    /// The facts, as a lowercase phrase.
    pub message: String,
    /// What the caller can do.
    pub way_out: String,
}

impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Told::of(self).with(Some(&self.way_out)), f)
    }
}

/// One row per code: the error's name, and the `HRESULT` that Windows returns in the same case.
const TABLE: [(Code, &str, u32); 18] = [
    (Code::UnknownTask, "org.oncue.Error.UnknownTask", 0x8007_0490),
    (Code::AmbiguousTask, "org.oncue.Error.AmbiguousTask", 0x8007_0057),
    (Code::TaskExists, "org.oncue.Error.TaskExists", 0x8007_00b7),
    (Code::UnknownPackage, "org.oncue.Error.UnknownPackage", 0x8007_0490),
    (Code::NoIdentity, "org.oncue.Error.NoIdentity", 0x8007_0490),
    (Code::ClassNotDeclared, "org.oncue.Error.ClassNotDeclared", 0x8004_0154),
    (Code::InvalidArgument, "org.oncue.Error.InvalidArgument", 0x8007_0057),
    (Code::NotEnoughQuota, "org.oncue.Error.NotEnoughQuota", 0x8007_0718),
    (Code::NotActive, "org.oncue.Error.NotActive", 0x8007_139f),
    (Code::Downgrade, "org.oncue.Error.Downgrade", 0x8007_3d06),
    (Code::PackageExists, "org.oncue.Error.PackageExists", 0x8007_3cfb),
    (Code::BadPackage, "org.oncue.Error.BadPackage", 0x8008_0204),
    (Code::AccessDenied, "org.oncue.Error.AccessDenied", 0x8007_0005),
    (Code::StoreUnwritable, "org.oncue.Error.StoreUnwritable", 0x8007_0070),
    (Code::Stopping, "org.oncue.Error.Stopping", 0x8008_0008),
    (Code::NotSupported, "org.oncue.Error.NotSupported", 0x8007_0032),
    (Code::UnknownMethod, "org.oncue.Error.UnknownMethod", 0x8000_4001),
    (Code::Fault, "org.oncue.Error.Fault", 0x8000_ffff),
];

impl Code {
    /// Returns the D-Bus error name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// Returns the `HRESULT` that Windows returns in the same case.
    #[must_use]
    pub fn hresult(self) -> u32 {
        self.row().2
    }

    /// Returns the code of this D-Bus error name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    fn row(self) -> &'static (Self, &'static str, u32) {
        TABLE.iter().find(|row| row.0 == self).unwrap_or(&TABLE[TABLE.len() - 1])
    }
}

impl Refused {
    /// Creates a refusal.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self { code, message: message.into(), way_out: way_out.into() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refused {}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            Refusal::UnknownTask(_) => Code::UnknownTask,
            Refusal::UnknownPackage(_) => Code::UnknownPackage,
            Refusal::ClassNotDeclared { .. } => Code::ClassNotDeclared,
            Refusal::NameEmpty { .. }
            | Refusal::NameTooLong { .. }
            | Refusal::NameUnprintable { .. }
            | Refusal::NameHasSlash { .. }
            | Refusal::ServerPriority
            | Refusal::Command { .. }
            | Refusal::ChainCircle { .. }
            | Refusal::FreshnessOutOfRange { .. }
            | Refusal::PolicyOutOfRange { .. }
            | Refusal::NoSuchReading { .. }
            | Refusal::Path { .. }
            | Refusal::PauseEnded { .. }
            | Refusal::Schedule { .. }
            | Refusal::OtherTrigger { .. }
            | Refusal::UnknownCookie { .. } => Code::InvalidArgument,
            Refusal::NothingToFollow { .. } => Code::UnknownTask,
            Refusal::NameTaken { .. } => Code::TaskExists,
            Refusal::NotACommand { .. } => Code::AccessDenied,
            Refusal::NoSuchRun { .. } => Code::NotActive,
            Refusal::TooMany { .. } => Code::NotEnoughQuota,
            Refusal::NotActive { .. } | Refusal::NotQuarantined { .. } => Code::NotActive,
            Refusal::Downgrade { .. } => Code::Downgrade,
            Refusal::Elsewhere { .. } => Code::PackageExists,
            Refusal::StoreUnwritable { .. } => Code::StoreUnwritable,
            Refusal::ServerLeaving | Refusal::Stopping => Code::Stopping,
        };
        Self::new(code, refusal.to_string(), refusal.way_out())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_row() {
        for (at, row) in TABLE.iter().enumerate() {
            assert_eq!(row.0 as usize, at);
            assert_eq!(Code::named(row.1), Some(row.0));
            assert_eq!(row.0.hresult(), row.2);
        }
    }
}
