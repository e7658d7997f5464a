//! When the user is notified about a task.

use crate::entry::LedgerEntry;
use crate::trigger::AfterEnd;
use crate::unknown::named;

/// Which ends of a run the user is notified about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Notify {
    /// None.
    #[default]
    Never,
    /// Those of runs that failed and are not retried.
    Failure,
    /// All, unless the run is retried.
    Always,
}

impl Notify {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Never, Self::Failure, Self::Always];

    /// Returns its name in policies and in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Failure => "failure",
            Self::Always => "always",
        }
    }

    /// Returns whether the user is notified about a run that ended like this.
    #[must_use]
    pub fn includes(self, entry: &LedgerEntry) -> bool {
        match self {
            Self::Never => false,
            Self::Failure => AfterEnd::Failed.includes(entry),
            Self::Always => AfterEnd::Any.includes(entry),
        }
    }
}

named!(Notify);
