//! What the broker needs to know about a package: its identity, and the classes of its servers.

use alloc::string::String;
use alloc::vec::Vec;

use crate::family_name::FamilyName;
use crate::guid::Guid;
use crate::version::Version;

/// An installed package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name, the same in every version.
    pub family: FamilyName,
    /// The name of this version, as composed by Windows.
    pub full_name: String,
    /// Its display name.
    pub display_name: String,
    /// Its version.
    pub version: Version,
    /// Its folder, as written by the shell; opaque here.
    pub location: String,
    /// Its task servers, in the manifest's order.
    pub servers: Vec<ExeServer>,
}

/// One executable of a package that registers class objects (`com:ExeServer`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExeServer {
    /// The classes that it declares.
    pub classes: Vec<Guid>,
    /// The program and its arguments, as written by the shell; opaque here. A package that starts
    /// something else is a different package, even if its version is the same.
    pub command: String,
}

impl Package {
    /// Returns the index of the server that serves `class`, or `None` if no server declares it.
    #[must_use]
    pub fn server_of(&self, class: Guid) -> Option<usize> {
        self.servers.iter().position(|server| server.classes.contains(&class))
    }
}
