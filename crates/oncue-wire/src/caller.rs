//! What a caller may do: an app controls its own package, and the user's own tools control everything.

use crate::interface::{Method, Who};
use crate::{Code, Refused};
use oncue_types::FamilyName;

/// The identity of a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A program that belongs to this package.
    App(FamilyName),
    /// A program that belongs to no package, such as `oncue` or a script.
    Tool {
        /// Its executable, if it is known.
        executable: String,
        /// Why the package beside its executable was refused, if there is one.
        refused: Option<Box<Refused>>,
    },
}

impl Caller {
    /// Returns the caller's package.
    ///
    /// # Errors
    /// Returns an error if it belongs to none; Windows returns the same code, 0x80070490.
    pub fn package(&self) -> Result<&FamilyName, Refused> {
        match self {
            Self::App(family) => Ok(family),
            Self::Tool { executable, refused: Some(refused) } => Err(Refused::new(
                Code::NoIdentity,
                format!("{executable} does not belong to a package: {}", refused.message),
                refused.way_out.clone(),
            )),
            Self::Tool { executable, refused: None } => Err(Refused::new(
                Code::NoIdentity,
                format!("{executable} does not belong to a package"),
                "put its AppxManifest.xml beside it, or build its package and add it: \
                 `oncue package layout`, `oncue package add FOLDER`",
            )),
        }
    }

    /// Returns whether the caller may see and control what belongs to `package`.
    pub fn may_steer(&self, package: &FamilyName) -> bool {
        match self {
            Self::App(own) => own == package,
            Self::Tool { .. } => true,
        }
    }

    /// Checks whether the caller may call a method at all. The handler of the method decides what it may
    /// see and control.
    pub fn may_call(&self, method: Method) -> Result<(), Refused> {
        match method.who() {
            Who::Anyone | Who::Server => Ok(()),
            Who::App => self.package().map(|_| ()),
            Who::Tool(what) => self.must_be_tool(what),
        }
    }

    /// Checks that the caller is one of the user's own tools.
    pub fn must_be_tool(&self, what: &str) -> Result<(), Refused> {
        match self {
            Self::Tool { .. } => Ok(()),
            Self::App(family) => Err(Refused::new(
                Code::AccessDenied,
                format!("package {family} is not allowed to {what}"),
                "use `oncue`, which acts on behalf of the user",
            )),
        }
    }
}
