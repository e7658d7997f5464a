//! The program that is started at log-in: `oncue daemon`, or an app that embeds the broker.

use std::env;
use std::io;
use std::path::{Path, PathBuf};

use oncue_wire::names::{EMBEDDED_ARGUMENT, SERVICE_ARGUMENT};

use super::ServiceError;
use crate::own_program;

/// The variables that locate the user's folders. A log-in may not set them as the user's shell does.
const PLACES: [&str; 3] = ["XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"];

/// How a program becomes the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It is `oncue`, with the verb `daemon`.
    Daemon,
    /// It is an app that embeds the broker.
    Embedded,
}

/// A program that can be the broker, and its surroundings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    path: PathBuf,
    role: Role,
    variables: Vec<(&'static str, PathBuf)>,
}

impl Program {
    /// A program at an absolute path.
    #[must_use]
    pub fn new(path: PathBuf, role: Role) -> Self {
        Self { path, role, variables: Vec::new() }
    }

    /// The program of this process.
    ///
    /// # Errors
    /// Returns an error if its path is unknown.
    pub fn of_this_process(role: Role) -> io::Result<Self> {
        let set =
            |name| Some((name, env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute())?));
        Ok(Self {
            variables: PLACES.into_iter().filter_map(set).collect(),
            ..Self::new(own_program::path()?, role)
        })
    }

    /// Returns its executable.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the arguments with which it becomes the broker.
    pub(super) fn arguments(&self) -> [&'static str; 2] {
        match self.role {
            Role::Daemon => ["daemon", SERVICE_ARGUMENT],
            Role::Embedded => [EMBEDDED_ARGUMENT, SERVICE_ARGUMENT],
        }
    }

    /// Returns its path as text.
    pub(super) fn text(&self) -> Result<&str, ServiceError> {
        writable(&self.path)
    }

    /// Returns the variables that it needs, as text.
    pub(super) fn variables(&self) -> Result<Vec<(&'static str, &str)>, ServiceError> {
        self.variables.iter().map(|(name, path)| Ok((*name, writable(path)?))).collect()
    }
}

fn writable(path: &Path) -> Result<&str, ServiceError> {
    let text = path.to_str().filter(|text| !text.contains(char::is_control));
    text.ok_or_else(|| ServiceError::Program { program: path.to_owned() })
}
