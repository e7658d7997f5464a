//! `oncue man`: manual pages, generated from the help texts.

// With an explicit path, because on Windows this file is a module in another folder.
#[cfg(not(windows))]
#[path = "man/config.rs"]
mod config;

use std::io::Write as _;

use clap::{Args, CommandFactory as _};
use clap_mangen::Man;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::screen::Screen;

/// Write a manual page
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A verb, such as `package add`, or the file `config`; without it, the page of oncue itself
    verb: Vec<String>,
}

/// There is no such verb.
#[derive(Debug, thiserror::Error)]
#[error("there is no verb `{verb}`")]
pub(crate) struct NoVerb {
    /// As given by the user.
    pub(crate) verb: String,
}

impl From<NoVerb> for Failure {
    fn from(error: NoVerb) -> Self {
        Self::new(Exit::Usage, error).with_way_out("see `oncue help`")
    }
}

/// Writes a manual page.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    // On Windows there is no broker, and no configuration file.
    #[cfg(not(windows))]
    if arguments.verb == ["config"] {
        Screen::open().write_all(config::page().as_bytes())?;
        return Ok(Exit::Done);
    }
    let mut command = crate::arguments::Arguments::command();
    command.build();
    for verb in &arguments.verb {
        let inner = command.find_subcommand(verb).cloned();
        command = inner.ok_or_else(|| NoVerb { verb: verb.clone() })?;
    }
    let mut page = Vec::new();
    // Writing to a vector cannot fail.
    let _ = Man::new(command).source(concat!("oncue ", env!("CARGO_PKG_VERSION"))).render(&mut page);
    Screen::open().write_all(&page)?;
    Ok(Exit::Done)
}
