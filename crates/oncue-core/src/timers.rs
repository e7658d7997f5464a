//! The deadlines: what becomes due when, and how long each may be delayed.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::time::Duration;

use crate::id::{InstanceId, ServerId, TaskId};
use crate::moment::Boot;

/// What becomes due; each kind exists at most once for its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// The task's trigger fires.
    Due(TaskId),
    /// The task is tried again.
    Retry(TaskId),
    /// The task has been held for as long as it may be.
    HoldLimit(TaskId),
    /// The run's server should have taken it by now.
    Activation(InstanceId),
    /// The run has taken as long as it may.
    TimeLimit(InstanceId),
    /// The cancelled run should have ended by now.
    Grace(InstanceId),
    /// The server should have ended by now, since it closed its connection, or be up, since nobody
    /// waits for it any more.
    Exit(ServerId),
    /// The task has waited because its runs fire it themselves.
    Circle(TaskId),
    /// Memory was short for the last time a while ago.
    Breather,
    /// No server could be started, and it is tried again.
    Obstacle,
    /// How the clocks stand is to be recorded, for the wall clock does not tell how time passes.
    ClockLook,
}

impl Timer {
    /// Whether it limits what a process does, and not what the world does.
    fn is_of_server(self) -> bool {
        match self {
            Self::Activation(_) | Self::TimeLimit(_) | Self::Grace(_) | Self::Exit(_) => true,
            Self::Due(_)
            | Self::Retry(_)
            | Self::HoldLimit(_)
            | Self::Circle(_)
            | Self::Breather
            | Self::Obstacle
            | Self::ClockLook => false,
        }
    }
}

/// Deadlines, each with how long it may be delayed, so that one wake-up serves many.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    set: BTreeMap<Timer, (Boot, Duration)>,
    /// By when they may be looked at.
    earliest: BTreeSet<(Boot, Timer)>,
    /// By when they must be looked at.
    latest: BTreeSet<(Boot, Timer)>,
}

impl Timers {
    /// Sets a deadline, in the place of an earlier one of the same name.
    pub(crate) fn set(&mut self, timer: Timer, at: Boot, slack: Duration) {
        self.clear(timer);
        self.set.insert(timer, (at, slack));
        self.earliest.insert((at, timer));
        self.latest.insert((at.after(slack), timer));
    }

    /// Takes a deadline back, if it is set.
    pub(crate) fn clear(&mut self, timer: Timer) {
        if let Some((at, slack)) = self.set.remove(&timer) {
            self.earliest.remove(&(at, timer));
            self.latest.remove(&(at.after(slack), timer));
        }
    }

    /// Returns when a deadline is, if it is set.
    pub(crate) fn get(&self, timer: Timer) -> Option<Boot> {
        self.window(timer).map(|(at, _)| at)
    }

    /// Returns when a deadline is and how long it may be delayed, if it is set.
    pub(crate) fn window(&self, timer: Timer) -> Option<(Boot, Duration)> {
        self.set.get(&timer).copied()
    }

    /// Gives servers and runs so much longer: they could not use the time that the machine slept.
    pub(crate) fn spare_servers(&mut self, slept: Duration) {
        let theirs: Vec<(Timer, Boot, Duration)> = (self.set.iter())
            .filter(|(timer, _)| timer.is_of_server() && !slept.is_zero())
            .map(|(timer, (at, slack))| (*timer, *at, *slack))
            .collect();
        for (timer, at, slack) in theirs {
            self.set(timer, at.after(slept), slack);
        }
    }

    /// Returns the latest instant at which the next deadline must be looked at.
    pub(crate) fn next(&self) -> Option<Boot> {
        self.latest.first().map(|(by, _)| *by)
    }

    /// Takes one deadline that has passed, the earliest first, whatever its slack.
    pub(crate) fn take_passed(&mut self, now: Boot) -> Option<(Boot, Timer)> {
        let first = *self.earliest.first()?;
        if first.0 > now {
            return None;
        }
        self.clear(first.1);
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Guid;

    fn due(n: u128) -> Timer {
        Timer::Due(TaskId(Guid::from_u128(n)))
    }

    #[test]
    fn one_wake_up_serves_all_within_their_slack() {
        let mut timers = Timers::default();
        let minute = Duration::from_secs(60);
        timers.set(due(1), Boot(0), minute);
        timers.set(due(2), Boot(50_000_000), minute);
        timers.set(due(3), Boot(70_000_000), Duration::ZERO);
        assert_eq!(timers.next(), Some(Boot(60_000_000)));
        let now = Boot(60_000_000);
        assert_eq!(timers.take_passed(now), Some((Boot(0), due(1))));
        assert_eq!(timers.take_passed(now), Some((Boot(50_000_000), due(2))));
        assert_eq!(timers.take_passed(now), None);
        assert_eq!(timers.next(), Some(Boot(70_000_000)));
        timers.clear(due(3));
        assert_eq!(timers.next(), None);
    }
}
