//! `oncue package remove` on Windows: unregisters a package.

use std::io::Write as _;

use clap::Args;

use super::deployment::{self, Registered};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::clean::clean;
use crate::render::screen::Screen;

/// Unregister a package from Windows; cancels its runs, and removes its tasks and data
#[derive(Debug, Args)]
#[command(after_help = "Its folder stays.\n\nExample:\n  oncue package remove Primes")]
pub(crate) struct Arguments {
    /// The package's family name, the part before the underscore, or its display name
    name: String,
}

/// Removes a package.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let package = meant(deployment::all()?, &arguments.name)?;
    deployment::remove(&package.full_name)?;
    writeln!(Screen::open(), "{} is removed", clean(&package.family_name))?;
    Ok(Exit::Done)
}

/// Why a name does not lead to exactly one package.
#[derive(Debug, thiserror::Error)]
enum WhichError {
    /// No package has that name.
    #[error("no package is called `{named}`")]
    NoPackage {
        /// As given by the user.
        named: String,
    },
    /// The name matches several packages.
    #[error("`{named}` matches {} packages", candidates.len())]
    AmbiguousPackage {
        /// As given by the user.
        named: String,
        /// Their family names.
        candidates: Vec<String>,
    },
}

impl From<WhichError> for Failure {
    fn from(error: WhichError) -> Self {
        match &error {
            WhichError::NoPackage { .. } => {
                Self::new(Exit::NotFound, error).with_way_out("see `oncue package list`")
            }
            WhichError::AmbiguousPackage { candidates, .. } => {
                let candidates = candidates.clone();
                Self::new(Exit::Refused, error)
                    .with_candidates(candidates)
                    .with_way_out("use its full family name")
            }
        }
    }
}

fn meant(packages: Vec<Registered>, named: &str) -> Result<Registered, WhichError> {
    let is_meant = |package: &Registered| {
        let name = package.family_name.split_once('_').map_or("", |(name, _)| name);
        [package.family_name.as_str(), name, &package.display_name].contains(&named)
    };
    let mut found: Vec<Registered> = packages.into_iter().filter(is_meant).collect();
    match found.len() {
        0 => Err(WhichError::NoPackage { named: named.to_owned() }),
        1 => Ok(found.remove(0)),
        _ => {
            let candidates = found.into_iter().map(|package| package.family_name).collect();
            Err(WhichError::AmbiguousPackage { named: named.to_owned(), candidates })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(family_name: &str, display_name: &str) -> Registered {
        Registered {
            family_name: family_name.into(),
            full_name: family_name.into(),
            display_name: display_name.into(),
            version: "1.0.0.0".into(),
            folder: "folder".into(),
            classes: vec!["class".into()],
        }
    }

    #[test]
    fn a_package_is_named_by_family_name_or_display_name() {
        let all = || vec![package("Primes_x", "Prime numbers"), package("Hello_x", "Hello")];
        for named in ["Primes_x", "Primes", "Prime numbers"] {
            assert_eq!(meant(all(), named).unwrap().family_name, "Primes_x");
        }
        assert!(matches!(meant(all(), "Other"), Err(WhichError::NoPackage { .. })));
        let two = vec![package("Primes_x", "a"), package("Primes_y", "b")];
        assert!(matches!(meant(two, "Primes"), Err(WhichError::AmbiguousPackage { .. })));
    }
}
