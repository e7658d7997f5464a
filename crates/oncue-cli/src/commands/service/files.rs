//! `oncue service files`: writes the units, and the file for the session bus, for a package that brings oncue to
//! all users of a machine.

use std::fs;
use std::io;
use std::path::PathBuf;

use clap::Args;
use oncue_broker::service::{Program, Role, packaged_files};

use crate::exit::Exit;
use crate::failure::Failure;

/// Write the units, and the file for the session bus, for a package that installs oncue for all users
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  oncue service files --program /usr/bin/oncue --out debian/tmp/usr")]
pub(crate) struct Arguments {
    /// The path at which the package installs oncue
    #[arg(long, value_name = "PATH")]
    program: PathBuf,
    /// The folder that becomes the prefix, such as /usr
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// A file cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("writing {}", path.display())]
struct Unwritten {
    path: PathBuf,
    source: io::Error,
}

/// Writes the files.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let program = Program::new(arguments.program.clone(), Role::Daemon);
    for (name, text) in packaged_files(&program)? {
        let path = arguments.out.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&path))
            .and_then(|()| fs::write(&path, text))
            .map_err(|source| Failure::new(Exit::Failed, Unwritten { path, source }))?;
    }
    Ok(Exit::Done)
}
