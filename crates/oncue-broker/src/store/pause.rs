//! The scope of a pause, as stored: a task's id, or nothing for all tasks.

use oncue_core::{PauseScope, TaskId};
use rusqlite::types::ValueRef;

use super::cell::{self, CellError};
use super::key;

/// Returns the key of a pause.
pub(super) fn key(scope: PauseScope) -> Vec<u8> {
    match scope {
        PauseScope::All => Vec::new(),
        PauseScope::Task(task) => key::key(task.0).to_vec(),
    }
}

/// Returns what a pause with this key covers.
pub(super) fn scope(value: ValueRef<'_>) -> Result<PauseScope, CellError> {
    if value == ValueRef::Blob(&[]) {
        return Ok(PauseScope::All);
    }
    cell::guid(value).map(|id| PauseScope::Task(TaskId(id)))
}
