//! What may wake a task.
//!
//! Some triggers go by time, some by a fact that changes, some by what somebody asks for, and the
//! rest by what only a source can see, which is told what to look out for: a [`Watch`].

mod error;
mod path;
mod system;
mod text;
mod watch;

use alloc::sync::Arc;
use core::time::Duration;

use crate::condition::Condition;
use crate::predicate::Predicate;

pub use error::TriggerError;
pub use path::PathError;
pub use path::check as check_path;
pub use system::SystemEvent;
pub use watch::{Bus, DeviceAction, Watch};

/// What may wake a task; a task has exactly one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// WinRT's `TimeTrigger`: after so many minutes of real time, sleep included, once or again and again.
    Time {
        /// The span between registration and firing, and between firings.
        minutes: u32,
        /// Whether the registration ends with its first run.
        one_shot: bool,
    },
    /// WinRT's `MaintenanceTrigger`: as [`Trigger::Time`], on external power only.
    Maintenance {
        /// The span between registration and firing, and between firings.
        minutes: u32,
        /// Whether the registration ends with its first run.
        one_shot: bool,
    },
    /// A schedule in the words of a calendar; the broker's calendar knows what they mean.
    Calendar(Arc<str>),
    /// WinRT's `SystemTrigger`: something happens to the machine or its session.
    System {
        /// What happens.
        event: SystemEvent,
        /// Whether the registration ends with its first run.
        one_shot: bool,
    },
    /// WinRT's `ApplicationTrigger`: the app asks for it.
    Application,
    /// WinRT's `CustomSystemEventTrigger`: somebody raises an event of that name.
    Signal {
        /// The event's name.
        id: Arc<str>,
        /// Whether it fires only once in a session.
        once: bool,
    },
    /// The session begins: the first start of the broker after boot.
    Startup,
    /// A source sees it.
    Watch(Arc<Watch>),
}

/// What a maintenance task needs beyond its condition.
static ON_AC: Condition = Condition::Is(Predicate::Ac);

impl Trigger {
    /// Returns the span between two firings, or nothing for a trigger that has no such rhythm.
    #[must_use]
    pub fn period(&self) -> Option<Duration> {
        match self {
            Self::Time { minutes, .. } | Self::Maintenance { minutes, .. } => {
                Some(Duration::from_secs(u64::from(*minutes) * 60))
            }
            _ => None,
        }
    }

    /// Returns whether the registration ends with the first run.
    #[must_use]
    pub fn is_one_shot(&self) -> bool {
        match self {
            Self::Time { one_shot, .. }
            | Self::Maintenance { one_shot, .. }
            | Self::System { one_shot, .. } => *one_shot,
            _ => false,
        }
    }

    /// Returns whether the trigger waits for an event and ends the registration with the first.
    #[must_use]
    pub fn wake_once(&self) -> bool {
        matches!(self, Self::System { one_shot: true, .. })
    }

    /// Returns the condition that the trigger itself brings along.
    #[must_use]
    pub fn implied(&self) -> Option<&'static Condition> {
        matches!(self, Self::Maintenance { .. }).then_some(&ON_AC)
    }
}
