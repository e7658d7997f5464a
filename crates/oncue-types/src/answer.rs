//! What the broker answers when it does what a client asks for.

use alloc::vec::Vec;

use crate::blocker::Blocker;
use crate::changes::Changes;
use crate::class_object::Cookie;
use crate::family_name::FamilyName;
use crate::id::{InstanceId, TaskId};

/// A good answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Done,
    /// The task is registered.
    Registered {
        /// Its id.
        task: TaskId,
        /// What was done for it.
        how: RegisterResult,
    },
    /// The task was fired.
    Fired(FireResult),
    /// What became of asking for a run.
    Requested(ApplicationResult),
    /// So many tasks have fired.
    Signalled(usize),
    /// The package is known.
    PackageAdded(FamilyName),
    /// The class object serves.
    ClassRegistered(Cookie),
    /// Whether the server may go: if not, there is work on its way.
    MayLeave(bool),
}

/// What registering did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegisterResult {
    /// There is a new registration.
    New,
    /// The one of that name was kept.
    Kept,
    /// The one of that name was replaced, its id kept; this is what differs now.
    Replaced(Changes),
}

/// What firing did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FireResult {
    /// A run began.
    Started(InstanceId),
    /// The task waits, for these reasons.
    Held(Vec<Blocker>),
    /// A run is alive; the firing waits for its end.
    AfterThis(InstanceId),
}

/// What became of asking for a run, with WinRT's numbers.
///
/// Microsoft: *ApplicationTriggerResult Enum (Windows.ApplicationModel.Background)*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum ApplicationResult {
    /// The task has fired.
    Allowed = 0,
    /// It runs, or waits for its condition, because of an earlier firing.
    CurrentlyRunning = 1,
    /// The user denies its package to run in the background, or the energy saver does.
    DisabledByPolicy = 2,
    /// A newer broker gave an answer that this version does not know.
    UnknownError = 3,
}

impl ApplicationResult {
    /// Returns the result with that number; [`UnknownError`](Self::UnknownError) for an unknown one.
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
