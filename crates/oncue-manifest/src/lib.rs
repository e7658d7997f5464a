//! Reads `AppxManifest.xml` like Windows: takes bytes, and returns the package, its classes and
//! every problem.
//!
//! The crate does not open files. [`Manifest::parse`] takes the bytes and returns either the
//! package, with problems that only Windows would object to in [`Manifest::warnings`], or all
//! [`Problem`]s at once, each with line, column and a way out. A caller that reads a file refuses
//! one larger than [`MAX_BYTES`] without reading it.
#![warn(clippy::wildcard_enum_match_arm)]

mod application;
mod document;
mod executable;
mod foreign;
mod identity;
mod manifest;
mod markup;
mod namespace;
mod problem;
mod publisher;
mod read;
mod reference;
mod scopes;
mod source;
mod tree;
mod xml;

pub use application::{Application, Class, ExeServer, Runtime, VisualElements};
pub use document::{DocumentProblem, Markup};
pub use executable::{ExecutableProblem, executable_candidates, in_package};
pub use foreign::NamespaceProblem;
pub use identity::{Architecture, ArchitectureError, Identity};
pub use manifest::{DeclaredClass, Manifest, TargetDeviceFamily};
pub use oncue_types::{Version, VersionError};
pub use problem::{MAX_PROBLEMS, Problem, ProblemKind, Problems, Severity};
pub use read::{ApplicationProblem, IdentityProblem, PackageProblem, Piece, ServerProblem, ShapeProblem};
pub use source::MAX_BYTES;
pub use tree::{MAX_ATTRIBUTES, MAX_DEPTH, MAX_ELEMENTS};
