//! `oncue import`: translates what other schedulers run into tasks.

mod crontab;
mod draft;
mod systemd;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::apply::{How, apply};
use crate::declared::read;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::report::lines;
use crate::render::screen::Screen;
use draft::Draft;

/// Translate a crontab or systemd timers into tasks
///
/// Writes TOML for `oncue apply`, to be reviewed first, and says line by line what could not be translated.
/// The original stays as it is: remove it yourself, or everything runs twice.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  oncue import crontab > tasks.toml\n  oncue import crontab --apply\n  \
    oncue import systemd backup.timer\n\nThe exit code is 1 if something that runs could not be translated.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    from: From,
}

#[derive(Debug, Subcommand)]
enum From {
    /// Translate your crontab
    #[command(
        after_help = "Examples:\n  oncue import crontab > tasks.toml\n  oncue import crontab --apply\n\n\
        The exit code is 1 if a line could not be translated."
    )]
    Crontab {
        /// A crontab without a column for users, or - for standard input; without it, what `crontab -l` writes
        file: Option<PathBuf>,
        #[command(flatten)]
        then: Then,
    },
    /// Translate your systemd timers with their services
    #[command(after_help = "Examples:\n  oncue import systemd backup.timer\n  \
        oncue import systemd ./mail.timer --apply\n\n\
        The exit code is 1 if something that runs could not be translated.")]
    Systemd {
        /// Names, which are looked up in the folders for user units, or paths
        #[arg(required = true, value_name = "NAME.timer")]
        timers: Vec<PathBuf>,
        #[command(flatten)]
        then: Then,
    },
}

/// The destination of the tasks.
#[derive(Debug, Args)]
struct Then {
    /// Apply the tasks instead of writing them
    #[arg(long)]
    apply: bool,
    /// With --apply: even if a program cannot be found or started now
    #[arg(long, requires = "apply")]
    force: bool,
}

/// Imports tasks.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let (draft, then) = match &arguments.from {
        From::Crontab { file, then } => (crontab::import(file.as_deref())?, then),
        From::Systemd { timers, then } => (systemd::import(timers)?, then),
    };
    finish(&draft, then)
}

/// Translates the texts of a timer and its service to TOML.
#[cfg(test)]
pub(super) fn of_systemd(name: &str, timer: &str, service: &str) -> String {
    systemd::translated(name, timer, service).text()
}

fn finish(draft: &Draft, then: &Then) -> Result<Exit, Failure> {
    let mut shown = anstream::stderr();
    for note in draft.notes() {
        // If standard error is closed, nothing more can be reported.
        let _ = writeln!(shown, "{}", lines(&note.to_string()));
    }
    let text = draft.text();
    if then.apply {
        apply(&read("what was translated", Path::new("."), &text)?, false, &How::at_once(then.force))?;
    } else {
        Screen::open().write_all(text.as_bytes())?;
    }
    Ok(if draft.is_complete() { Exit::Done } else { Exit::Failed })
}
