//! `oncue man`: manual pages, generated from the help texts.

// With explicit paths, because on Windows this file is a module in another folder.
#[cfg(not(windows))]
#[path = "man/config.rs"]
mod config;
#[path = "man/page.rs"]
mod page;
#[path = "man/section.rs"]
mod section;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory as _};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::screen::Screen;

/// Write manual pages
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  oncue man add | man -l -\n  oncue man config | man -l -\n  oncue man --out ~/.local/share/man"
)]
pub(crate) struct Arguments {
    /// A verb, such as `package add`, or the file `config`; without it, the page of oncue itself
    verb: Vec<String>,
    /// Write all pages into the folders man1 and man5 below this folder
    #[arg(long, value_name = "DIR", conflicts_with = "verb")]
    out: Option<PathBuf>,
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

/// A page cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("writing the manual page {}", path.display())]
struct Unwritten {
    path: PathBuf,
    source: io::Error,
}

/// Writes a manual page, or all of them.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut command = crate::arguments::Arguments::command();
    command.build();
    if let Some(folder) = &arguments.out {
        write_all(&command, folder).map_err(|error| Failure::new(Exit::Failed, error))?;
        return Ok(Exit::Done);
    }
    let mut screen = Screen::open();
    // On Windows there is no broker, and no configuration file.
    #[cfg(not(windows))]
    if arguments.verb == ["config"] {
        screen.write_all(config::page().as_bytes())?;
        return Ok(Exit::Done);
    }
    for verb in &arguments.verb {
        let inner = command.find_subcommand(verb).cloned();
        command = inner.ok_or_else(|| NoVerb { verb: verb.clone() })?;
    }
    screen.write_all(&page::page(&command))?;
    Ok(Exit::Done)
}

fn write_all(command: &Command, folder: &Path) -> Result<(), Unwritten> {
    write_tree(command, &folder.join("man1"))?;
    #[cfg(not(windows))]
    write(&folder.join("man5"), "oncue-config.5", config::page().as_bytes())?;
    Ok(())
}

/// Writes the page of a verb and those of the verbs below it.
fn write_tree(command: &Command, folder: &Path) -> Result<(), Unwritten> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    write(folder, &format!("{name}.1"), &page::page(command))?;
    page::verbs_of(command).try_for_each(|verb| write_tree(verb, folder))
}

fn write(folder: &Path, name: &str, page: &[u8]) -> Result<(), Unwritten> {
    let path = folder.join(name);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(&path, page));
    written.map_err(|source| Unwritten { path, source })
}
