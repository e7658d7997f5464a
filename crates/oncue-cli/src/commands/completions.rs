//! `oncue completions`: completions of the command line for a shell.

use std::io::Write as _;

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::screen::Screen;

/// Write completions for a shell
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  oncue completions bash > ~/.local/share/bash-completion/completions/oncue"
)]
pub(crate) struct Arguments {
    /// The shell
    shell: Shell,
}

/// Writes the completions.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut crate::arguments::Arguments::command(),
        "oncue",
        &mut script,
    );
    Screen::open().write_all(&script)?;
    Ok(Exit::Done)
}
