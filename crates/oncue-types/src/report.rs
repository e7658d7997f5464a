//! What a task server reports about a run.

use alloc::string::String;

/// What a task server reports about a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// It has entered `run`.
    Entered,
    /// The run has a new progress value.
    Progress(u32),
    /// `run` has returned and every deferral is complete; with the error's text if it failed.
    Completed(Result<(), String>),
}
