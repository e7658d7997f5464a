//! When a trigger fires next.

use oncue_types::{Boot, Moment, Wall};

/// When a task's trigger fires next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due<T> {
    /// Whenever its event occurs.
    OnEvent,
    /// At this time.
    At(T),
    /// Never again: a one-shot trigger has fired, or a schedule has ended.
    Never,
}

impl<T> Due<T> {
    /// Returns the time, if the trigger depends on time and fires again.
    #[must_use]
    pub fn at(self) -> Option<T> {
        match self {
            Self::At(at) => Some(at),
            Self::OnEvent | Self::Never => None,
        }
    }

    /// Converts the time to another clock.
    pub fn map<U>(self, by: impl FnOnce(T) -> U) -> Due<U> {
        match self {
            Self::OnEvent => Due::OnEvent,
            Self::At(at) => Due::At(by(at)),
            Self::Never => Due::Never,
        }
    }

    /// Returns when a trigger that depends on time fires next.
    pub(crate) fn by_time(at: Option<T>) -> Self {
        at.map_or(Self::Never, Self::At)
    }
}

/// A time on the clock that applies to the trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When<S = Boot, W = Wall> {
    /// After this much real time.
    Span(S),
    /// When the wall clock shows it.
    Schedule(W),
}

impl When {
    /// Returns the time on the boot clock, provided that the wall clock is not set before.
    pub(crate) fn boot(self, now: Moment) -> Boot {
        match self {
            Self::Span(at) => at,
            Self::Schedule(wall) => now.boot_at(wall),
        }
    }

    /// Returns the time on the wall clock, provided that it is not set before.
    pub(crate) fn wall(self, now: Moment) -> Wall {
        match self {
            Self::Span(at) => now.wall_at(at),
            Self::Schedule(wall) => wall,
        }
    }
}
