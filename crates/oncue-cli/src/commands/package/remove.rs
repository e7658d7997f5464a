//! `oncue package remove`: forgets a package and its tasks.

use std::io::Write as _;

use clap::Args;
use oncue::tools::Broker;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::clean::clean;
use crate::render::screen::Screen;
use crate::which;

/// Forget a package: its runs are cancelled, its tasks removed; its files stay
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  oncue package remove Primes")]
pub(crate) struct Arguments {
    /// Its family name, the part before the underscore, or its display name
    name: String,
}

/// Removes a package.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    let package = which::package(&broker, &arguments.name)?;
    broker.remove_package(&package.family_name)?;
    let tasks = match package.tasks {
        0 => String::new(),
        1 => ", with its task".to_owned(),
        tasks => format!(", with its {tasks} tasks"),
    };
    writeln!(Screen::open(), "{} is removed{tasks}", clean(&package.family_name))?;
    Ok(Exit::Done)
}
