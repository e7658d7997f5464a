//! Problems with task servers and classes.

use std::borrow::Cow;

use oncue_types::Guid;

use crate::namespace::COM;
use crate::problem::Severity;
use oncue_types::Version;

/// A task server or class is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerProblem {
    /// A class id in braces.
    #[error("class id `{value}` has braces, which a manifest must not have")]
    Braces {
        /// The value as written.
        value: String,
    },
    /// A class id that is not a GUID.
    #[error("class id `{value}` is not a GUID")]
    NotGuid {
        /// The value as written.
        value: String,
    },
    /// A class id that is already declared.
    #[error("class id {id} is already declared in line {first}")]
    ClassTaken {
        /// The class id.
        id: Guid,
        /// The line of the first declaration.
        first: u32,
    },
    /// A reference to a class that is not declared beside the server.
    #[error("`ClassReference` names {id}, but `ComServer` does not declare this class")]
    NoSuchClass {
        /// The class id.
        id: Guid,
    },
    /// A server without classes.
    #[error("`ExeServer` has no class")]
    NoClass,
    /// Arguments with leading or trailing spaces.
    #[error("`Arguments` begins or ends with a space, which Windows does not accept")]
    ArgumentsSpace,
    /// More servers or classes than Windows accepts.
    #[error("too many `{element}` here: {count} (Windows' limit: {most})")]
    TooMany {
        /// The element.
        element: &'static str,
        /// How many there are.
        count: usize,
        /// Windows' limit.
        most: usize,
    },
    /// A `ComServer` in an extension of another category.
    #[error("`ComServer` is in an extension of category `{category}`, not `windows.comServer`")]
    Category {
        /// The category as written.
        category: String,
    },
    /// A `ComServer` that does not belong to an application.
    #[error("`ComServer` is in the package's own `Extensions` and is ignored")]
    OutsideApplication,
    /// A server in a namespace that is newer than the oldest Windows version of the package.
    #[error("`{element}` needs Windows {since}; `MinVersion` {min} also permits older versions, which {}", older(*.ignorable))]
    Newer {
        /// The element's name as written.
        element: String,
        /// The first Windows version that knows its namespace.
        since: Version,
        /// `MinVersion`.
        min: Version,
        /// Whether the namespace is in `IgnorableNamespaces`.
        ignorable: bool,
    },
}

/// What a Windows version does that does not know a namespace.
fn older(ignorable: bool) -> &'static str {
    if ignorable { "ignore it silently" } else { "refuse the package" }
}

impl ServerProblem {
    pub(crate) fn severity(&self) -> Severity {
        match self {
            Self::Braces { .. } | Self::NotGuid { .. } | Self::ClassTaken { .. } => Severity::Error,
            Self::Newer { .. } => Severity::Advice,
            Self::NoSuchClass { .. }
            | Self::NoClass
            | Self::ArgumentsSpace
            | Self::TooMany { .. }
            | Self::Category { .. }
            | Self::OutsideApplication => Severity::WindowsRefuses,
        }
    }

    pub(crate) fn way_out(&self) -> Cow<'static, str> {
        match self {
            Self::Braces { value } => format!("write {}", value.trim_matches(['{', '}'])).into(),
            Self::NotGuid { .. } => {
                "write 32 hexadecimal digits as in 14C5882B-35D3-41BE-86B2-5106269B97E6".into()
            }
            Self::ClassTaken { .. } => "let one task server serve it, or create a new id".into(),
            Self::NoSuchClass { .. } => "add a `com4:Class` with this id to `ComServer`".into(),
            Self::NoClass => "add a `com:Class` with the class id".into(),
            Self::ArgumentsSpace => "remove the space".into(),
            Self::TooMany { .. } => "split it".into(),
            Self::Category { .. } => "write Category=\"windows.comServer\"".into(),
            Self::OutsideApplication => "move the extension into the `Extensions` of an `Application`".into(),
            Self::Newer { since, .. } => {
                format!("use the namespace {COM}, or write MinVersion=\"{since}\"").into()
            }
        }
    }
}
