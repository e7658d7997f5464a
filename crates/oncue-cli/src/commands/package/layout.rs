//! `oncue package layout`: builds a package's folder from a crate.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;

use super::check;
use crate::check::{Checked, check as check_package};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::layout::{Order, lay_out};
use crate::render::screen::Screen;

/// Build a package's folder from a crate, with manifest, programs and images
///
/// AppxManifest.xml is beside the crate's Cargo.toml, and names the crate's programs. If there is none,
/// the crate's program must print it, as a program that uses `oncue::App` does. The folder is
/// target/oncue/CRATE; its path is written to standard output.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  oncue package add \"$(oncue package layout --release)\"")]
pub(crate) struct Arguments {
    /// Build with optimisations
    #[arg(long)]
    release: bool,
    /// The crate's Cargo.toml; by default, that of this folder or of one above
    #[arg(long, value_name = "PATH")]
    manifest_path: Option<PathBuf>,
    /// Write JSON, as described in docs/interface/json.md
    #[arg(long)]
    json: bool,
}

#[derive(serde::Serialize)]
struct Shape<'a> {
    folder: String,
    check: crate::check::Shape<'a>,
}

/// Lays out a package, then checks it.
pub(super) fn perform(arguments: Arguments) -> Result<Exit, Failure> {
    let Arguments { release, manifest_path, json } = arguments;
    let folder = lay_out(&Order { manifest_path, release, lean: false, folder: None })?;
    let checked: Checked = check_package(&folder)?;
    let mut screen = Screen::open();
    if json {
        screen.json(&Shape { folder: folder.display().to_string(), check: checked.shape() })?;
    } else {
        // Standard output is read by `package add`; the findings are for the user.
        let _ = anstream::stderr().write_all(check::text(&checked).as_bytes());
        writeln!(screen, "{}", folder.display())?;
    }
    Ok(check::exit(&checked))
}
