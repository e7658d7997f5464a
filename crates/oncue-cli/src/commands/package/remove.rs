//! `oncue package remove`: removes a package and its tasks.

use std::io::Write as _;

use clap::Args;
use oncue::tools::Broker;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::clean::clean;
use crate::render::consent;
use crate::render::screen::Screen;
use crate::which;

/// Remove a package: cancels its runs and removes its tasks, but keeps its files
///
/// Asks for confirmation on a terminal, but not in a script.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  oncue package remove Primes\n  oncue package remove --yes Primes\n\n\
    The exit code is 3 if you answer no.")]
pub(crate) struct Arguments {
    /// The package's family name, the part before the underscore, or its display name
    name: String,
    /// Do not ask for confirmation
    #[arg(short, long)]
    yes: bool,
}

/// Removes a package.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    let package = which::package(&broker, &arguments.name)?;
    let family = clean(&package.family_name);
    let tasks = match package.tasks {
        0 => String::new(),
        1 => ", with its task".to_owned(),
        tasks => format!(", with its {tasks} tasks"),
    };
    if !arguments.yes && !consent::given(&format!("remove the package {family}{tasks}?"))? {
        return Ok(Exit::Refused);
    }
    broker.remove_package(&package.family_name)?;
    writeln!(Screen::open(), "{family} is removed{tasks}")?;
    Ok(Exit::Done)
}
