//! What the user allows a package: always, subject to the system's policy, or not at all.

use crate::unknown::named;

/// What the user allows a package's background tasks. The setting outlives the package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Access {
    /// They run even while the energy saver is on (`AlwaysAllowed`).
    Always,
    /// They run when the system's policy permits it (`AllowedSubjectToSystemPolicy`).
    #[default]
    Policy,
    /// They do not run (`DeniedByUser`): runs are cancelled, and firings are held.
    Denied,
}

impl Access {
    /// All settings.
    pub const ALL: [Self; 3] = [Self::Always, Self::Policy, Self::Denied];

    /// Returns the name used on the command line, on the wire and in the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Policy => "policy",
            Self::Denied => "denied",
        }
    }

    /// Returns whether this allows nothing that `before` did not.
    #[must_use]
    pub const fn only_takes_from(self, before: Self) -> bool {
        match (self, before) {
            (Self::Denied, _) | (_, Self::Always) | (Self::Policy, Self::Policy) => true,
            (Self::Always, Self::Policy | Self::Denied) | (Self::Policy, Self::Denied) => false,
        }
    }
}

named!(Access);
