//! What keeps a task from running.

use alloc::string::String;

use crate::condition::Condition;

/// Something that keeps a task that has fired from running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocker {
    /// This part of its condition fails.
    Condition(Condition),
    /// It crashed too often.
    Quarantined,
    /// The user does not allow its package to run in the background.
    Denied,
    /// The energy saver is on, and its package is not always allowed.
    EnergySaver,
    /// Memory was short recently, and its package is not always allowed.
    MemoryShort,
    /// The broker itself is short of this resource, so no server can be started.
    Shortage(String),
    /// The file system of its package does not answer, for this reason, so its server cannot be started.
    OutOfReach(String),
    /// Its last runs changed what it watches and fired it again.
    Circling,
    /// The machine is going to sleep.
    Asleep,
    /// The session is about to end.
    SessionEnding,
    /// The broker is about to end.
    Stopping,
}
