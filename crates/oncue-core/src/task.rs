//! A task's health, and its registration before it was replaced.

use oncue_types::{Boot, TaskSpec};

use crate::due::{Due, When};

/// A task's health: how well its recent runs went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Health {
    /// How many activations in a row crashed or never registered.
    pub strikes: u32,
    /// How many retries have been made or are planned.
    pub attempt: u32,
    /// When the next retry is due.
    pub retry_at: Option<Boot>,
}

/// A registration before it was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    /// What was registered.
    pub spec: TaskSpec,
    /// When its trigger would have fired next.
    pub due: Due<When>,
    /// How many activations in a row had crashed or never registered.
    pub strikes: u32,
}
