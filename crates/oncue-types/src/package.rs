//! A package as the broker decides with it: who it is and which classes its servers make.

use alloc::string::String;
use alloc::vec::Vec;

use crate::family_name::FamilyName;
use crate::guid::Guid;
use crate::version::Version;

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
