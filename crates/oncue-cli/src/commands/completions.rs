//! `oncue completions`: completions of the command line for a shell.

// With an explicit path, because on Windows this file is a module in another folder.
#[cfg(not(windows))]
#[path = "completions/live.rs"]
mod live;

use std::io::Write as _;

use clap::{Args, Command, CommandFactory as _};
use clap_complete::Shell;
use clap_complete::env::{CompleteEnv, Shells};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::screen::Screen;

/// The variable that asks this program for completions; its value is the name of the shell.
const ASKED_BY: &str = "ONCUE_COMPLETE";

/// Write completions for a shell
///
/// The shell then asks oncue itself, so that the names of your tasks, packages, queues and events are
/// completed, too.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  oncue completions bash > ~/.local/share/bash-completion/completions/oncue\n  \
    oncue completions zsh > ~/.zfunc/_oncue\n  oncue completions fish > ~/.config/fish/completions/oncue.fish\n\n\
    zsh reads the folder ~/.zfunc if `fpath+=~/.zfunc` comes before `compinit` in ~/.zshrc."
)]
pub(crate) struct Arguments {
    /// The shell
    shell: Shell,
}

/// There are no completions for the shell.
#[derive(Debug, thiserror::Error)]
#[error("there are no completions for {0}")]
struct UnknownShell(Shell);

/// Writes the completions.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let shell = arguments.shell.to_string();
    let shells = Shells::builtins();
    let completer =
        shells.completer(&shell).ok_or_else(|| Failure::new(Exit::Refused, UnknownShell(arguments.shell)))?;
    let mut script = Vec::new();
    completer.write_registration(ASKED_BY, "oncue", "oncue", "oncue", &mut script)?;
    Screen::open().write_all(&script)?;
    Ok(Exit::Done)
}

/// If a shell asks for completions, answers and ends the program.
pub(crate) fn answer() {
    CompleteEnv::with_factory(completed).var(ASKED_BY).complete();
}

/// The command line, with what completes its arguments.
fn completed() -> Command {
    let command = crate::arguments::Arguments::command();
    #[cfg(not(windows))]
    let command = live::named(command);
    command
}
