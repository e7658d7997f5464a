//! When a trigger fires next.

use crate::moment::{Boot, Moment, Wall};

/// When a task's trigger fires next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due<T> {
    /// Whenever what it waits for happens.
    OnEvent,
    /// At this time.
    At(T),
    /// Never again: a trigger that fires once has fired, or a schedule is over.
    Never,
}

impl<T> Due<T> {
    /// Returns the time, if the trigger goes by time and fires again.
    #[must_use]
    pub fn at(self) -> Option<T> {
        match self {
            Self::At(at) => Some(at),
            Self::OnEvent | Self::Never => None,
        }
    }

    /// Returns the same by another clock.
    pub fn map<U>(self, by: impl FnOnce(T) -> U) -> Due<U> {
        match self {
            Self::OnEvent => Due::OnEvent,
            Self::At(at) => Due::At(by(at)),
            Self::Never => Due::Never,
        }
    }

    /// Returns when a trigger that goes by time fires next.
    pub(crate) fn by_time(at: Option<T>) -> Self {
        at.map_or(Self::Never, Self::At)
    }
}

/// A time, by the clock that counts for the trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// When so much real time has passed.
    Span(Boot),
    /// When the wall clock shows it.
    Schedule(Wall),
}

impl When {
    /// Returns when that is on the boot clock, if nobody sets the wall clock before.
    pub(crate) fn boot(self, now: Moment) -> Boot {
        match self {
            Self::Span(at) => at,
            Self::Schedule(wall) => now.boot_at(wall),
        }
    }

    /// Returns what the wall clock shows then, if nobody sets it before.
    pub(crate) fn wall(self, now: Moment) -> Wall {
        match self {
            Self::Span(at) => now.wall_at(at),
            Self::Schedule(wall) => wall,
        }
    }
}
