//! `oncue package add`: adds a package, or updates it.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use oncue::tools::Broker;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::clean::clean;
use crate::render::screen::Screen;

/// Add a package, or update it; its files are not copied
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  oncue package add target/oncue/primes")]
pub(crate) struct Arguments {
    /// The folder that contains its AppxManifest.xml, or that file
    path: PathBuf,
    /// Add it even if a newer version is installed
    #[arg(long)]
    allow_downgrade: bool,
    /// Add it even if the package is in another folder now, and move its tasks too
    #[arg(long = "move")]
    moves: bool,
}

/// Adds a package.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    let package = match arguments.allow_downgrade || arguments.moves {
        true => broker.downgrade_package(&arguments.path)?,
        false => broker.add_package(&arguments.path)?,
    };
    let mut screen = Screen::open();
    let (name, version) = (clean(&package.display_name), clean(&package.version));
    writeln!(screen, "{name} {version} is added as {}", clean(&package.family_name))?;
    Ok(Exit::Done)
}
