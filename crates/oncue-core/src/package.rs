//! A package as the broker decides with it: who it is and which classes its servers make.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::guid::Guid;

/// The name of a package that stays the same over its versions: `<Name>_<PublisherId>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FamilyName(pub Arc<str>);

/// A package's version: four numbers, compared from left to right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Version(pub [u16; 4]);

/// An installed package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// What names it across versions.
    pub family: FamilyName,
    /// What names this very version, as Windows composes it.
    pub full_name: String,
    /// Its name for people.
    pub display_name: String,
    /// Its version.
    pub version: Version,
    /// Where it lies, as the shell wrote it; opaque here.
    pub location: String,
    /// Its task servers, in the manifest's order.
    pub servers: Vec<ExeServer>,
}

/// One executable of a package that registers class objects (`com:ExeServer`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExeServer {
    /// The classes that it declares.
    pub classes: Vec<Guid>,
    /// The program and its arguments, as the shell wrote them; opaque here. A package that starts
    /// something else is another package, even in the same version.
    pub command: String,
}

impl Package {
    /// Returns which of the package's servers makes `class`, or nothing when none declares it.
    #[must_use]
    pub fn server_of(&self, class: Guid) -> Option<usize> {
        self.servers.iter().position(|server| server.classes.contains(&class))
    }
}

impl FamilyName {
    /// Makes a family name from its text.
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

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = self.0;
        write!(f, "{a}.{b}.{c}.{d}")
    }
}
