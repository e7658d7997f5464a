//! What a task does when it runs.

use alloc::sync::Arc;

use crate::command::Command;
use crate::guid::Guid;

/// What a task does when it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// It passes the run to an object of this class, in a task server of its package.
    Class(Guid),
    /// It starts this command; the process is the run.
    Command(Arc<Command>),
}

impl Action {
    /// Returns the class; a command has none.
    #[must_use]
    pub fn class(&self) -> Option<Guid> {
        match self {
            Self::Class(class) => Some(*class),
            Self::Command(_) => None,
        }
    }

    /// Returns the command; a class has none.
    #[must_use]
    pub fn command(&self) -> Option<&Arc<Command>> {
        match self {
            Self::Class(_) => None,
            Self::Command(command) => Some(command),
        }
    }
}

impl From<Guid> for Action {
    fn from(class: Guid) -> Self {
        Self::Class(class)
    }
}
