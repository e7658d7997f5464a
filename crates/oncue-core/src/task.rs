//! How well a task's runs went, and what stood before it was replaced.

use crate::due::{Due, When};
use crate::moment::Boot;

pub(crate) use oncue_types::{Begun, Cause, Firing, Last, TaskSpec};

/// How well a task's runs went lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Health {
    /// How many activations in a row crashed or never registered.
    pub strikes: u32,
    /// How many attempts after the first have been made or are planned.
    pub attempt: u32,
    /// When the next attempt is due.
    pub retry_at: Option<Boot>,
}

/// A registration as it stood before it was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    /// What was registered.
    pub spec: TaskSpec,
    /// When its trigger would have fired next.
    pub due: Due<When>,
    /// How many activations in a row had crashed or never registered.
    pub strikes: u32,
}
