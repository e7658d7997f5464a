//! The end of a task server's standard error, and the parts that belong to its runs.

use alloc::string::String;
use alloc::vec::Vec;

use oncue_types::InstanceId;

/// The end of a task server's standard error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastLines {
    /// What was written since the server started.
    pub all: String,
    /// What was written since each of its runs was delivered; earlier lines do not belong to the run.
    pub since: Vec<(InstanceId, String)>,
}

impl LastLines {
    /// Returns the lines that may belong to the run, or all of them if the run was never delivered
    /// to the server.
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
