//! The end of what a task server wrote to its standard error, and which part of it is a run's own.

use alloc::string::String;
use alloc::vec::Vec;

use crate::id::InstanceId;

/// The end of what a task server wrote to its standard error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastLines {
    /// Since the server was started.
    pub all: String,
    /// Since a run was handed to it, for each of its runs: what came before belongs to others.
    pub since: Vec<(InstanceId, String)>,
}

impl LastLines {
    /// Returns what may be a run's own: all of it when the run was never handed to the server.
    pub(crate) fn of(&self, instance: InstanceId) -> &str {
        let own = self.since.iter().find(|(of, _)| *of == instance);
        own.map_or(&self.all, |(_, text)| text)
    }
}

impl From<&str> for LastLines {
    fn from(all: &str) -> Self {
        Self { all: all.into(), since: Vec::new() }
    }
}

impl From<String> for LastLines {
    fn from(all: String) -> Self {
        Self { all, since: Vec::new() }
    }
}
