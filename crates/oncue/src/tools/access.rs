//! What the user allows a package, as a tool says it.

use std::fmt;

/// What the user allows a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Its tasks run, whatever the energy saver says.
    Always,
    /// Its tasks run when the policy of the system allows it; the default.
    Policy,
    /// Its tasks do not run: what runs is cancelled, what fires is held.
    Denied,
}

impl Access {
    /// Everything that the user may say.
    pub const ALL: [Self; 3] = [Self::Always, Self::Policy, Self::Denied];

    /// Returns its name, as [`PackageInfo::access`](super::PackageInfo::access) has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Policy => "policy",
            Self::Denied => "denied",
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
