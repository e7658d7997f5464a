//! The two kinds of process that the broker starts: a package's task server, or a command.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use oncue_core::Priority;
use oncue_wire::names::{RUN_TOKEN_VARIABLE, TOKEN_VARIABLE};

use super::command::{Card, CommandRun};
use super::{arguments, unstarted};
use crate::package::Program;
use crate::variables::Variables;

/// The reason for which a process is started, and how.
#[derive(Clone, Debug)]
pub(super) enum Recipe {
    /// A task server of a package, which is in this folder.
    Server(Program, PathBuf),
    /// A run of a command.
    Command(Box<CommandRun>),
}

impl Recipe {
    /// Returns a path that has to answer before the process can start.
    pub(super) fn place(&self) -> &Path {
        match self {
            Self::Server(program, _) => &program.executable,
            Self::Command(run) => run.place(),
        }
    }

    /// Returns the file that describes the run to a command.
    pub(super) fn card(&self) -> Option<Card> {
        match self {
            Self::Server(..) => None,
            Self::Command(run) => Some(run.card.clone()),
        }
    }

    /// Returns the priority of the process. Task servers always run in the background.
    pub(super) fn priority(&self) -> Priority {
        match self {
            Self::Server(..) => Priority::Background,
            Self::Command(run) => run.priority,
        }
    }

    /// Returns the process to be started. `token` marks the process and its descendants; a task server can
    /// use it once to identify itself. This accesses files, so do not call it on the loop's thread.
    pub(super) fn prepare(&self, session: Variables, token: &str) -> io::Result<Command> {
        match self {
            Self::Server(program, folder) => {
                let mut command = Command::new(&program.executable);
                command.args(arguments::split(&program.arguments)).env_clear().envs(session);
                command.env(TOKEN_VARIABLE, token).current_dir(folder).stdin(Stdio::null());
                Ok(command)
            }
            Self::Command(run) => {
                let mut command = run.prepare(session)?;
                command.env(RUN_TOKEN_VARIABLE, token);
                Ok(command)
            }
        }
    }

    /// Says why the process could not be started. This accesses files, so do not call it on the loop's
    /// thread.
    pub(super) fn why_not(&self, error: &io::Error) -> String {
        match self {
            Self::Server(program, folder) => unstarted::why(&program.executable, folder, error),
            Self::Command(run) => run.why_not(error),
        }
    }
}

impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(program, _) => program.fmt(f),
            Self::Command(run) => run.command.fmt(f),
        }
    }
}
