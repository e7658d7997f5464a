//! The name of a package, the same in every version.

use alloc::sync::Arc;
use core::fmt;

/// The name of a package, the same in every version: `<Name>_<PublisherId>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FamilyName(pub Arc<str>);

impl FamilyName {
    /// The name under which the user's commands are tasks, which belong to no package. The family name of a
    /// package always contains an underscore.
    pub const COMMANDS: &'static str = "commands";

    /// Returns the name under which the user's commands are tasks.
    #[must_use]
    pub fn commands() -> Self {
        Self::new(Self::COMMANDS)
    }

    /// Creates a family name from its text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FamilyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
