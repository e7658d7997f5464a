//! The triggers of tasks.
//!
//! Some triggers depend on time, some on changes of facts, some on requests, and the others on
//! something that only a source can see, described by a [`Watch`].

mod chain;
mod error;
mod path;
mod system;
mod text;
mod watch;

use alloc::sync::Arc;
use core::time::Duration;

use crate::condition::Condition;
use crate::predicate::Predicate;

pub use chain::AfterEnd;
pub use error::TriggerError;
pub use path::PathError;
pub use path::check as check_path;
pub use system::SystemEvent;
pub use watch::{Bus, DeviceAction, Watch};

/// A trigger, which wakes a task; each task has exactly one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// WinRT's `TimeTrigger`: after this many minutes of real time, including sleep, once or
    /// repeatedly.
    Time {
        /// The time between registration and firing, and between firings.
        minutes: u32,
        /// Whether the registration ends with its first run.
        one_shot: bool,
    },
    /// WinRT's `MaintenanceTrigger`: like [`Trigger::Time`], but only on external power.
    Maintenance {
        /// The time between registration and firing, and between firings.
        minutes: u32,
        /// Whether the registration ends with its first run.
        one_shot: bool,
    },
    /// A calendar expression, whose meaning the broker's calendar knows.
    Calendar(Arc<str>),
    /// WinRT's `SystemTrigger`: an event of the machine or its session.
    System {
        /// The event.
        event: SystemEvent,
        /// Whether the registration ends with its first run.
        one_shot: bool,
    },
    /// WinRT's `ApplicationTrigger`: the app requests it.
    Application,
    /// WinRT's `CustomSystemEventTrigger`: an event is raised by name.
    Signal {
        /// The event's name.
        id: Arc<str>,
        /// Whether it fires only once in a session.
        once: bool,
    },
    /// A run of another command has ended.
    After {
        /// The other command's name.
        task: Arc<str>,
        /// Which ends count.
        end: AfterEnd,
    },
    /// A session begins: the machine has started, or the user has logged in.
    Startup,
    /// A source notices something.
    Watch(Arc<Watch>),
}

/// The implied condition of a maintenance task.
static ON_AC: Condition = Condition::Is(Predicate::Ac);

impl Trigger {
    /// Returns the time between two firings, or `None` for a trigger without a period.
    #[must_use]
    pub fn period(&self) -> Option<Duration> {
        self.minutes().map(|minutes| Duration::from_secs(u64::from(minutes) * 60))
    }

    /// Returns the minutes between two firings, or `None` for a trigger without a period.
    #[must_use]
    pub fn minutes(&self) -> Option<u32> {
        match self {
            Self::Time { minutes, .. } | Self::Maintenance { minutes, .. } => Some(*minutes),
            Self::Calendar(_)
            | Self::System { .. }
            | Self::Application
            | Self::Signal { .. }
            | Self::Startup
            | Self::After { .. }
            | Self::Watch(_) => None,
        }
    }

    /// Returns the calendar expression by which the trigger fires, if it has one.
    #[must_use]
    pub fn schedule(&self) -> Option<&str> {
        match self {
            Self::Calendar(schedule) => Some(schedule),
            Self::Time { .. }
            | Self::Maintenance { .. }
            | Self::System { .. }
            | Self::Application
            | Self::Signal { .. }
            | Self::Startup
            | Self::After { .. }
            | Self::Watch(_) => None,
        }
    }

    /// Returns what a source has to watch for the trigger, if that is how it fires.
    #[must_use]
    pub fn watch(&self) -> Option<&Arc<Watch>> {
        match self {
            Self::Watch(watch) => Some(watch),
            Self::Time { .. }
            | Self::Maintenance { .. }
            | Self::Calendar(_)
            | Self::System { .. }
            | Self::Application
            | Self::Signal { .. }
            | Self::Startup
            | Self::After { .. } => None,
        }
    }

    /// Returns the command that the task follows, and which ends count, if that is how it fires.
    #[must_use]
    pub fn follows(&self) -> Option<(&Arc<str>, AfterEnd)> {
        match self {
            Self::After { task, end } => Some((task, *end)),
            Self::Time { .. }
            | Self::Maintenance { .. }
            | Self::Calendar(_)
            | Self::System { .. }
            | Self::Application
            | Self::Signal { .. }
            | Self::Startup
            | Self::Watch(_) => None,
        }
    }

    /// Returns whether the registration ends with the first run.
    #[must_use]
    pub fn is_one_shot(&self) -> bool {
        match self {
            Self::Time { one_shot, .. }
            | Self::Maintenance { one_shot, .. }
            | Self::System { one_shot, .. } => *one_shot,
            Self::Calendar(_)
            | Self::Application
            | Self::Signal { .. }
            | Self::Startup
            | Self::After { .. }
            | Self::Watch(_) => false,
        }
    }

    /// Returns whether the trigger waits for an event and ends the registration with the first one.
    #[must_use]
    pub fn wake_once(&self) -> bool {
        matches!(self, Self::System { one_shot: true, .. })
    }

    /// Returns the condition that the trigger implies.
    #[must_use]
    pub fn implied(&self) -> Option<&'static Condition> {
        matches!(self, Self::Maintenance { .. }).then_some(&ON_AC)
    }
}
