//! What the broker answers when it fulfils a request.

use alloc::vec::Vec;

use crate::blocker::Blocker;
use crate::changes::Changes;
use crate::class_object::Cookie;
use crate::condition::Condition;
use crate::family_name::FamilyName;
use crate::id::{InstanceId, TaskId};
use crate::pause::Pause;

/// An answer that is not a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Done,
    /// The task is registered.
    Registered {
        /// Its id.
        task: TaskId,
        /// What was done.
        how: RegisterResult,
    },
    /// The task was fired.
    Fired(FireResult),
    /// The result of requesting a run.
    Requested(ApplicationResult),
    /// This many tasks have fired.
    Signalled(usize),
    /// It is paused.
    Paused {
        /// The pause.
        pause: Pause,
        /// How many runs were told to end.
        cancelled: usize,
    },
    /// It is not paused any more.
    Resumed {
        /// Whether it was paused.
        was_paused: bool,
        /// How many tasks are paused by themselves now.
        tasks_paused: usize,
    },
    /// The package is known.
    PackageAdded(FamilyName),
    /// The class object is registered.
    ClassRegistered(Cookie),
    /// Whether the server may leave; if not, it is about to get a run.
    MayLeave(bool),
}

/// The result of registering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegisterResult {
    /// A new task was registered.
    New,
    /// The existing task with this name was kept.
    Kept,
    /// The existing task with this name was replaced and keeps its id; this has changed.
    Replaced(Changes),
}

/// The result of firing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FireResult {
    /// A run began.
    Started(InstanceId),
    /// The task waits.
    Held {
        /// The parts of its condition that do not hold.
        failing: Vec<Condition>,
        /// What else keeps it from running.
        blocked: Vec<Blocker>,
    },
    /// A run is alive; the firing waits for its end.
    AfterThis(InstanceId),
}

/// The result of requesting a run, with WinRT's numbers.
///
/// Microsoft: *ApplicationTriggerResult Enum (Windows.ApplicationModel.Background)*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u32)]
pub enum ApplicationResult {
    /// The task has fired.
    Allowed = 0,
    /// It runs, or waits for its condition, because of an earlier firing.
    CurrentlyRunning = 1,
    /// The user has denied the package to run in the background, or the energy saver is on.
    DisabledByPolicy = 2,
    /// A newer broker gave an answer that this version does not know.
    UnknownError = 3,
}

impl ApplicationResult {
    /// Returns the result with this number, or [`UnknownError`](Self::UnknownError) if it is unknown.
    #[must_use]
    pub const fn numbered(number: u32) -> Self {
        match number {
            0 => Self::Allowed,
            1 => Self::CurrentlyRunning,
            2 => Self::DisabledByPolicy,
            _ => Self::UnknownError,
        }
    }
}
