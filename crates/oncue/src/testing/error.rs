//! Why a verb of the test kit failed.

use std::fmt;
use std::io;
use std::time::Duration;

use oncue_manifest::Problems;
use oncue_types::Told;

use super::{Fact, Reading};
use crate::error::Error;

/// Why a verb of the test kit failed.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum TestError {
    /// The broker refused, as it would have refused a user or an app.
    #[error(transparent)]
    Refused(#[from] Error),
    /// Something that should have ended did not, within the patience in real time.
    #[error(
        "after {patience:?}, {what}; if this is intended, mark the run with `takes_time`, and let the test end it"
    )]
    Busy {
        /// What has not ended.
        what: String,
        /// How long the verb waited, in real time.
        patience: Duration,
    },
    /// This thread already has a test broker.
    #[error("this thread already has a `TestBroker`; drop it, or create the other one on another thread")]
    Nested,
    /// The machine of the test is asleep.
    #[error("the machine of this test is asleep; call `resume` first")]
    Asleep,
    /// The machine of the test is awake.
    #[error("the machine of this test is awake; call `sleep` first")]
    Awake,
    /// A fact cannot have this value.
    #[error(
        "the fact `{fact}` cannot be `{value}`; facts are on or off, the battery is a percentage such as 80%"
    )]
    Value {
        /// The fact.
        fact: Fact,
        /// The value.
        value: Reading,
    },
    /// The time zone does not exist.
    #[error("unknown time zone `{name}`; use one such as `Europe/Berlin`")]
    Zone {
        /// The name.
        name: String,
    },
    /// No source watches anything for the task.
    #[error("no source watches anything for `{task}`; `fire` it, or pin a fact")]
    NotWatched {
        /// The task's name.
        task: String,
    },
    /// No task server is running.
    #[error(
        "no task server is running for the class of `{task}`; fire the task first, and mark its run with `takes_time`"
    )]
    NoServer {
        /// The task's name.
        task: String,
    },
    /// No run of the task has ended.
    #[error("no run of `{task}` has begun; fire it, or `advance` to its trigger")]
    NoRun {
        /// The task's name.
        task: String,
    },
    /// The package's manifest is invalid.
    #[error("the manifest cannot be used: {}", .0.first_error().map_or_else(String::new, ToString::to_string))]
    Manifest(Problems),
    /// The folder for the packages' data could not be created.
    #[error("cannot create a folder for the packages' data in {}", std::env::temp_dir().display())]
    Folder(#[source] io::Error),
}

impl fmt::Debug for TestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // This one has its own way out; the others contain it in their text.
        if let Self::Refused(error) = self {
            return fmt::Debug::fmt(error, f);
        }
        fmt::Display::fmt(&Told::of(self), f)
    }
}
