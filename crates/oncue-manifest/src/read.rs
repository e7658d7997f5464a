//! Converts the tree to a manifest, part by part, and continues after every problem.

mod application;
mod capability;
mod identity;
mod name;
mod package;
mod properties;
mod runtime;
mod server;
mod server_problem;
mod shape;
mod target;

pub use application::ApplicationProblem;
pub use identity::IdentityProblem;
pub use package::PackageProblem;
pub(crate) use package::package;
pub use server_problem::ServerProblem;
pub(crate) use shape::one_off;
pub use shape::{Piece, ShapeProblem};
