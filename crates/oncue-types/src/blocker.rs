//! What keeps a task from running besides its condition.

use alloc::string::{String, ToString as _};
use core::fmt;
use core::str::FromStr;

use crate::unknown::Unknown;

/// Something other than its condition that keeps a task that has fired from running; text form
/// `quarantined`, `shortage: open files`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Blocker {
    /// It crashed too often in a row; the user can release it.
    Quarantined,
    /// The user does not allow its package to run in the background.
    Denied,
    /// The user has paused it; the task's view says until when.
    Paused,
    /// The user has paused all tasks; the task's view says until when.
    AllPaused,
    /// The energy saver is on, and its package is not always allowed.
    EnergySaver,
    /// Memory was short within the last half minute, and its package is not always allowed.
    MemoryShort,
    /// The broker itself is short of this resource, so no server can be started.
    Shortage(String),
    /// The file system of its package does not answer, for this reason, so its server cannot be started.
    OutOfReach(String),
    /// Another task of its queue runs: the task with this name.
    Queue(String),
    /// Its last runs changed what it watches and fired it again, so the next run is delayed.
    Circling,
    /// The machine is going to sleep.
    Asleep,
    /// The session is about to end.
    SessionEnding,
    /// The broker is about to end; the next one continues with the task.
    Stopping,
}

impl Blocker {
    /// The names of all blockers.
    pub const NAMES: [&'static str; 13] = [
        "quarantined",
        "denied",
        "paused",
        "all_paused",
        "energy_saver",
        "memory_short",
        "shortage",
        "out_of_reach",
        "queue",
        "circling",
        "asleep",
        "session_ending",
        "stopping",
    ];

    /// Returns the name, which is the text form without the reason.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Quarantined => "quarantined",
            Self::Denied => "denied",
            Self::Paused => "paused",
            Self::AllPaused => "all_paused",
            Self::EnergySaver => "energy_saver",
            Self::MemoryShort => "memory_short",
            Self::Shortage(_) => "shortage",
            Self::OutOfReach(_) => "out_of_reach",
            Self::Queue(_) => "queue",
            Self::Circling => "circling",
            Self::Asleep => "asleep",
            Self::SessionEnding => "session_ending",
            Self::Stopping => "stopping",
        }
    }

    /// Returns whether it always lasts until a person changes it. A pause can have an end, so the task's view
    /// decides about it; the others are temporary.
    #[must_use]
    pub const fn needs_a_person(&self) -> bool {
        match self {
            Self::Quarantined | Self::Denied => true,
            Self::Paused
            | Self::AllPaused
            | Self::EnergySaver
            | Self::MemoryShort
            | Self::Shortage(_)
            | Self::OutOfReach(_)
            | Self::Queue(_)
            | Self::Circling
            | Self::Asleep
            | Self::SessionEnding
            | Self::Stopping => false,
        }
    }

    /// Returns the reason, which only some blockers have.
    const fn reason(&self) -> Option<&String> {
        match self {
            Self::Shortage(reason) | Self::OutOfReach(reason) | Self::Queue(reason) => Some(reason),
            Self::Quarantined
            | Self::Denied
            | Self::Paused
            | Self::AllPaused
            | Self::EnergySaver
            | Self::MemoryShort
            | Self::Circling
            | Self::Asleep
            | Self::SessionEnding
            | Self::Stopping => None,
        }
    }
}

impl fmt::Display for Blocker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self.reason() {
            Some(reason) => write!(f, ": {reason}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Blocker {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        Ok(match text.split_once(": ") {
            Some(("shortage", reason)) => Self::Shortage(reason.to_string()),
            Some(("queue", reason)) => Self::Queue(reason.to_string()),
            Some(("out_of_reach", reason)) => Self::OutOfReach(reason.to_string()),
            Some(_) => return Err(Unknown),
            None => match text {
                "quarantined" => Self::Quarantined,
                "denied" => Self::Denied,
                "paused" => Self::Paused,
                "all_paused" => Self::AllPaused,
                "energy_saver" => Self::EnergySaver,
                "memory_short" => Self::MemoryShort,
                "circling" => Self::Circling,
                "asleep" => Self::Asleep,
                "session_ending" => Self::SessionEnding,
                "stopping" => Self::Stopping,
                _ => return Err(Unknown),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_it_reads() {
        for name in Blocker::NAMES {
            let reason =
                if matches!(name, "shortage" | "out_of_reach" | "queue") { ": /net: no answer" } else { "" };
            let text = alloc::format!("{name}{reason}");
            let blocker: Blocker = text.parse().unwrap();
            assert_eq!((blocker.name(), blocker.to_string()), (name, text));
        }
        for text in ["", "shortage", "denied: why", "full moon"] {
            assert_eq!(text.parse::<Blocker>(), Err(Unknown), "{text}");
        }
    }
}
