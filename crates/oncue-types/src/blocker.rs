//! What keeps a task from running.

use alloc::string::String;

use crate::condition::Condition;

/// One thing that keeps a task from running when it has fired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocker {
    /// This part of its condition fails.
    Condition(Condition),
    /// It kept crashing.
    Quarantined,
    /// The user denies its package to run in the background.
    Denied,
    /// The energy saver is on, and its package is not always allowed.
    EnergySaver,
    /// Memory was short a moment ago, and its package is not always allowed.
    MemoryShort,
    /// The broker itself is short of this, so that no server can be started.
    Shortage(String),
    /// The file system of its package does not answer, so that its server cannot be started: why.
    OutOfReach(String),
    /// Its last runs changed what it watches, and so fired it themselves.
    Circling,
    /// The machine goes to sleep.
    Asleep,
    /// The session is about to end.
    SessionEnding,
    /// The broker is about to end.
    Stopping,
}
