//! The name of a package, the same in every version.

use alloc::sync::Arc;
use core::fmt;

/// The name of a package, the same in every version: `<Name>_<PublisherId>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FamilyName(pub Arc<str>);

impl FamilyName {
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
