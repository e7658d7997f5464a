//! `oncue access set`: sets what a package may do.

use std::io::Write as _;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use oncue::tools::{Access, Broker};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::clean::clean;
use crate::render::screen::Screen;
use crate::which;

/// Set what a package may do
///
/// With `denied`, its runs are cancelled with SystemPolicy, and its firings are held. With the
/// others, held firings run as soon as their conditions hold. The setting is kept if the package is
/// removed and added again.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  oncue access set Primes denied\n  oncue access set Primes policy")]
pub(crate) struct Arguments {
    /// The package's family name, the part before the underscore, or its display name
    package: String,
    /// What it may do
    #[arg(value_parser = PossibleValuesParser::new(Access::ALL.map(Access::name)).map(named))]
    access: Access,
}

/// The argument parser accepts only valid names.
fn named(name: String) -> Access {
    Access::ALL.into_iter().find(|access| access.name() == name).unwrap_or(Access::Policy)
}

/// Sets what a package may do.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    let package = which::package(&broker, &arguments.package)?;
    broker.set_access(&package.family_name, arguments.access)?;
    let what = match arguments.access {
        Access::Always => "is always allowed to run in the background",
        Access::Policy => "may run in the background when the system's policy permits it",
        Access::Denied => "is not allowed to run in the background; its firings are held",
    };
    writeln!(Screen::open(), "{} {what}", clean(&package.family_name))?;
    Ok(Exit::Done)
}
