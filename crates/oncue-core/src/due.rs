//! When a trigger fires next.

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
