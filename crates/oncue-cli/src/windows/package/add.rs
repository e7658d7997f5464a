//! `oncue package add` on Windows: registers a package in its folder.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;

use super::deployment;
use crate::check::check;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::clean::clean;
use crate::render::screen::Screen;

/// Register a package with Windows, or update it; its files are not copied
#[derive(Debug, Args)]
#[command(after_help = "Needs developer mode.\n\nExample:\n  oncue package add target\\oncue\\primes")]
pub(crate) struct Arguments {
    /// The folder that contains its AppxManifest.xml, or that file
    path: PathBuf,
}

/// Adds a package.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let checked = check(&arguments.path)?;
    let (Some(package), true) = (&checked.package, checked.is_fine()) else {
        let _ = anstream::stderr().write_all(super::check::text(&checked).as_bytes());
        return Ok(Exit::Refused);
    };
    deployment::add(&arguments.path)?;
    let (name, version) = (clean(&package.display_name), clean(&package.version));
    writeln!(Screen::open(), "{name} {version} is added as {}", clean(&package.family_name))?;
    Ok(Exit::Done)
}
