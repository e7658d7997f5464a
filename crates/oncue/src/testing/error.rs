//! Why a verb of the test kit could not be done.

use std::fmt;
use std::io;

use oncue_manifest::Problems;
use oncue_types::Told;

use super::{Fact, Reading};
use crate::Error;

/// Why a verb of the test kit could not be done.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum TestError {
    /// The broker refused, as it would have refused a person or an app.
    #[error(transparent)]
    Refused(#[from] Error),
    /// Something that should have come to an end did not, for so long in real time.
    #[error(
        "after {seconds} s {what}; if that is meant to last, say so with `takes_time`, and let the test end it"
    )]
    Busy {
        /// What is still under way.
        what: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// This thread is in a test already.
    #[error("this thread has a `TestBroker` already; drop it, or make the other one on a thread of its own")]
    Nested,
    /// The machine of the test is asleep.
    #[error("the machine of this test is asleep; call `resume` first")]
    Asleep,
    /// The machine of the test is awake.
    #[error("the machine of this test is awake; call `sleep` first")]
    Awake,
    /// A fact cannot have such a value.
    #[error("the fact `{fact}` cannot be `{value}`; facts are on or off, the battery is a share such as 80%")]
    Value {
        /// Which fact.
        fact: Fact,
        /// What was given.
        value: Reading,
    },
    /// There is no such time zone.
    #[error("there is no time zone `{name}`; write one such as `Europe/Berlin`")]
    Zone {
        /// What was given.
        name: String,
    },
    /// Nothing looks out for what the task waits for.
    #[error("`{task}` waits for nothing that a source looks out for; `fire` it, or pin a fact")]
    NotWatched {
        /// The task's name.
        task: String,
    },
    /// No task server is there to be ended.
    #[error(
        "no task server is up for the class of `{task}`; fire the task first, and say that it `takes_time`"
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
    /// The package's manifest cannot be used.
    #[error("the manifest cannot be used: {}", .0.first_error().map_or_else(String::new, ToString::to_string))]
    Manifest(Problems),
    /// The folder for the packages' data cannot be made.
    #[error("a folder for the packages' data cannot be made in {}", std::env::temp_dir().display())]
    Folder(#[source] io::Error),
}

impl fmt::Debug for TestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // This one has a way out of its own; the others say it in their text.
        if let Self::Refused(error) = self {
            return fmt::Debug::fmt(error, f);
        }
        fmt::Display::fmt(&Told::of(self), f)
    }
}
