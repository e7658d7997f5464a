//! What a task server says of a run.

use alloc::string::String;

/// What a task server says of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// It has entered `run`.
    Entered,
    /// There is a new progress value.
    Progress(u32),
    /// `run` has returned and every deferral is complete; with the error's text when it failed.
    Completed(Result<(), String>),
}
