//! Pauses: while a task or everything is paused, nothing of it starts.

use core::time::Duration;

use crate::id::TaskId;
use crate::moment::Wall;

/// What a pause covers. A pause of one task and the pause of all tasks are independent of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PauseScope {
    /// All tasks, including those that are registered later.
    All,
    /// One task.
    Task(TaskId),
}

/// When a pause ends at the latest; the user can end it at any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseEnd {
    /// Only when the user ends it.
    WhenResumed,
    /// After this much real time.
    After(Duration),
    /// When the wall clock shows this time.
    At(Wall),
}

/// A pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// When it began.
    pub since: Wall,
    /// When it ends, unless the user ends it before; `None` if only the user ends it.
    pub until: Option<Wall>,
}
