//! The deadlines: what becomes due when, and how long each may be delayed.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::time::Duration;

use oncue_types::{Boot, ServerId};

use crate::arena::Key;
use crate::minima::Minima;
use crate::run::RunKey;
use crate::tasks::TaskKey;

/// A deadline; each kind exists at most once for its task, run or server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// The task's trigger fires.
    Due(TaskKey),
    /// The task is retried.
    Retry(TaskKey),
    /// The task has been held for as long as it allows.
    HoldLimit(TaskKey),
    /// The run's server should have entered it by now.
    Activation(RunKey),
    /// The run has reached its time limit.
    TimeLimit(RunKey),
    /// The cancelled run should have ended by now.
    Grace(RunKey),
    /// The server should have ended because it closed its connection, or come up because no run waits for it
    /// any more.
    Exit(ServerId),
    /// The task has waited because its runs fire it themselves.
    Circle(TaskKey),
    /// The task's pause is over.
    Paused(TaskKey),
    /// The pause of all tasks is over.
    AllPaused,
    /// Memory has not been short for a while.
    Breather,
    /// No server could be started, and the broker tries again.
    Obstacle,
    /// There has been no task for a while, so nothing has to start at log-in.
    NoTasks,
    /// Nobody has needed the broker for a while, so it leaves.
    NobodyHere,
    /// A newer program has waited for a moment without runs, or what fires has been held for that long enough.
    Takeover,
    /// The state of the clocks has to be recorded, because the wall clock does not show how much time passes.
    ClockLook,
}

impl Timer {
    /// Returns whether it limits a process, as opposed to the world outside.
    fn is_of_server(self) -> bool {
        match self {
            Self::Activation(_) | Self::TimeLimit(_) | Self::Grace(_) | Self::Exit(_) => true,
            Self::Due(_)
            | Self::Retry(_)
            | Self::HoldLimit(_)
            | Self::Circle(_)
            | Self::Paused(_)
            | Self::AllPaused
            | Self::Breather
            | Self::Obstacle
            | Self::NoTasks
            | Self::NobodyHere
            | Self::Takeover
            | Self::ClockLook => false,
        }
    }
}

/// The deadlines. Only that of a trigger can be delayed, so that one wake-up serves many tasks.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    triggers: Triggers,
    /// When servers must have entered runs, by the slot of the run: every run begins with such a deadline.
    activations: Minima,
    others: Others,
}

/// When triggers fire, by the slot of their task: most tasks have such a deadline.
#[derive(Debug, Default)]
struct Triggers {
    /// When they can be handled.
    earliest: Minima,
    /// When they must be handled.
    latest: Minima,
}

/// Every other deadline; there are few.
#[derive(Debug, Default)]
struct Others {
    set: BTreeMap<Timer, Boot>,
    order: BTreeSet<(Boot, Timer)>,
}

impl Timers {
    /// Sets when a task's trigger fires, and how long that can be delayed.
    pub(crate) fn set_due(&mut self, task: TaskKey, at: Boot, wait: Duration) {
        self.triggers.earliest.set(task.place(), at.0);
        self.triggers.latest.set(task.place(), at.after(wait).0);
    }

    /// Sets a deadline, and replaces an earlier one of the same kind.
    pub(crate) fn set(&mut self, timer: Timer, at: Boot) {
        match timer {
            Timer::Due(task) => self.set_due(task, at, Duration::ZERO),
            Timer::Activation(run) => self.activations.set(run.place(), at.0),
            Timer::Retry(_)
            | Timer::HoldLimit(_)
            | Timer::TimeLimit(_)
            | Timer::Grace(_)
            | Timer::Exit(_)
            | Timer::Circle(_)
            | Timer::Paused(_)
            | Timer::AllPaused
            | Timer::Breather
            | Timer::Obstacle
            | Timer::NoTasks
            | Timer::NobodyHere
            | Timer::Takeover
            | Timer::ClockLook => self.others.set(timer, at),
        }
    }

    /// Removes a deadline, if it is set.
    pub(crate) fn clear(&mut self, timer: Timer) {
        match timer {
            Timer::Due(task) => self.triggers.clear(task),
            Timer::Activation(run) => self.activations.clear(run.place()),
            Timer::Retry(_)
            | Timer::HoldLimit(_)
            | Timer::TimeLimit(_)
            | Timer::Grace(_)
            | Timer::Exit(_)
            | Timer::Circle(_)
            | Timer::Paused(_)
            | Timer::AllPaused
            | Timer::Breather
            | Timer::Obstacle
            | Timer::NoTasks
            | Timer::NobodyHere
            | Timer::Takeover
            | Timer::ClockLook => self.others.clear(timer),
        }
    }

    /// Removes all deadlines of a task.
    pub(crate) fn clear_task(&mut self, task: TaskKey) {
        let others = [Timer::Retry(task), Timer::HoldLimit(task), Timer::Circle(task), Timer::Paused(task)];
        self.clear(Timer::Due(task));
        for timer in others {
            self.clear(timer);
        }
    }

    /// Removes all deadlines of a run.
    pub(crate) fn clear_run(&mut self, run: RunKey) {
        for timer in [Timer::Activation(run), Timer::TimeLimit(run), Timer::Grace(run)] {
            self.clear(timer);
        }
    }

    /// Returns when a task's trigger fires, if it depends on time.
    pub(crate) fn due(&self, task: TaskKey) -> Option<Boot> {
        self.triggers.earliest.get(task.place()).map(Boot)
    }

    /// Returns when a task's trigger fires and how long that can be delayed, if it depends on time.
    pub(crate) fn window(&self, task: TaskKey) -> Option<(Boot, Duration)> {
        let at = self.due(task)?;
        let by = self.triggers.latest.get(task.place()).map_or(at, Boot);
        Some((at, by.since(at)))
    }

    /// Returns when a run's grace ends, if it was cancelled.
    pub(crate) fn grace(&self, run: RunKey) -> Option<Boot> {
        self.others.set.get(&Timer::Grace(run)).copied()
    }

    /// Extends the deadlines of servers and runs by the time that the machine slept, which they could not
    /// use.
    pub(crate) fn spare_servers(&mut self, slept: Duration) {
        if slept.is_zero() {
            return;
        }
        let activations = self.activations.iter().map(|(place, at)| (activation(place), Boot(at)));
        let others = self.others.set.iter().map(|(timer, at)| (*timer, *at));
        let theirs: Vec<(Timer, Boot)> =
            activations.chain(others).filter(|(timer, _)| timer.is_of_server()).collect();
        for (timer, at) in theirs {
            self.set(timer, at.after(slept));
        }
    }

    /// Returns the latest time at which the next deadline must be handled.
    pub(crate) fn next(&self) -> Option<Boot> {
        let trigger = self.triggers.latest.least().map(Boot);
        let activation = self.activations.least().map(Boot);
        let other = self.others.order.first().map(|(at, _)| *at);
        trigger.into_iter().chain(activation).chain(other).min()
    }

    /// Removes and returns a deadline that has passed, the earliest first, whatever its slack.
    pub(crate) fn take_passed(&mut self, now: Boot) -> Option<(Boot, Timer)> {
        let first = |minima: &Minima, timer: fn(usize) -> Timer| {
            minima.first().map(|(at, place)| (Boot(at), timer(place)))
        };
        let trigger = first(&self.triggers.earliest, |place| Timer::Due(Key::at(place as u32)));
        let activation = first(&self.activations, activation);
        let other = self.others.order.first().copied();
        let all = trigger.into_iter().chain(activation).chain(other);
        let first = all.min().filter(|(at, _)| *at <= now)?;
        self.clear(first.1);
        Some(first)
    }
}

fn activation(place: usize) -> Timer {
    Timer::Activation(Key::at(place as u32))
}

impl Triggers {
    fn clear(&mut self, task: TaskKey) {
        self.earliest.clear(task.place());
        self.latest.clear(task.place());
    }
}

impl Others {
    fn set(&mut self, timer: Timer, at: Boot) {
        if let Some(before) = self.set.insert(timer, at) {
            self.order.remove(&(before, timer));
        }
        self.order.insert((at, timer));
    }

    fn clear(&mut self, timer: Timer) {
        if let Some(at) = self.set.remove(&timer) {
            self.order.remove(&(at, timer));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(place: u32) -> Timer {
        Timer::Due(Key::at(place))
    }

    #[test]
    fn one_wake_up_serves_all_within_their_slack() {
        let mut timers = Timers::default();
        let minute = Duration::from_secs(60);
        timers.set_due(Key::at(1), Boot(0), minute);
        timers.set_due(Key::at(2), Boot(50_000_000), minute);
        timers.set(due(3), Boot(70_000_000));
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
