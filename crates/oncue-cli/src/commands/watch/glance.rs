//! The clock during one drawing: it notes how long the text that depends on it stays as it is.

use std::cell::Cell;
use std::time::Duration;

use oncue::tools::Wall;

use crate::render::time::Clock;

/// The time at which the screen is drawn.
#[derive(Debug)]
pub(super) struct Glance<'a> {
    clock: &'a Clock,
    steady: Cell<Option<Duration>>,
}

impl<'a> Glance<'a> {
    pub(super) fn at(clock: &'a Clock) -> Self {
        Self { clock, steady: Cell::new(None) }
    }

    /// Returns the clock, for texts that do not change with time.
    pub(super) fn clock(&self) -> &'a Clock {
        self.clock
    }

    /// Returns how far away the time is.
    pub(super) fn distance(&self, at: Wall) -> String {
        self.note(at);
        self.clock.distance(at)
    }

    /// Returns how long ago the time is.
    pub(super) fn since(&self, at: Wall) -> String {
        self.note(at);
        self.clock.since(at)
    }

    /// Notes that a text contains the distance of this time.
    pub(super) fn note(&self, at: Wall) {
        let steady = self.clock.steady_for(at);
        self.steady.set(Some(self.steady.get().map_or(steady, |known| known.min(steady))));
    }

    /// Returns how long everything that was drawn stays as it is, unless that does not depend on the time.
    pub(super) fn steady(&self) -> Option<Duration> {
        self.steady.get()
    }
}
