//! `oncue package add`: makes a package known, or updates it.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use oncue::tools::Broker;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::clean::clean;
use crate::render::screen::Screen;

/// Add a package, or update it; its files stay where they are
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  oncue package add target/oncue/primes")]
pub(crate) struct Arguments {
    /// The folder that holds its AppxManifest.xml, or that file
    path: PathBuf,
    /// Also when a newer version is there
    #[arg(long)]
    allow_downgrade: bool,
    /// Add it even if the package is in another folder now; its tasks move too
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
