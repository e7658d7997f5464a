//! What a task was doing at an instant, from the ledger and the current run.

use std::time::SystemTime;

use oncue_types::{Outcome, Wall};
use oncue_wire::{Entry, TaskInfo};

use super::{LiveRun, is_own};
use crate::broker::answers::past_run;
use crate::broker::moment::{system_time, wall};
use crate::past_run::PastRun;

/// What a task was doing at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyAt {
    task: TaskInfo,
    entries: Vec<Entry>,
    at: Wall,
}

/// A summary of what a task was doing at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WasThen {
    /// It was running.
    Running,
    /// It had fired, but its run had not begun: it was held or being activated.
    Fired,
    /// It had fired, but its broker ended before the run did, so what happened is unknown.
    Lost,
    /// It had fired, and is still waiting.
    WaitsStill,
    /// None of these.
    Idle,
    /// The ledger does not go back that far.
    Unknown,
}

impl WhyAt {
    /// Explains an instant from the task's current state and its ledger entries, in any order; for
    /// a tool that has already requested them.
    #[must_use]
    pub fn new(task: TaskInfo, mut entries: Vec<Entry>, at: SystemTime) -> Self {
        entries.retain(is_own);
        Self { task, entries, at: wall(at) }
    }

    /// Returns the task as sent by the broker, in its current state, for tools.
    #[must_use]
    pub fn task(&self) -> &TaskInfo {
        &self.task
    }

    /// Returns the instant.
    #[must_use]
    pub fn at(&self) -> SystemTime {
        system_time(self.at)
    }

    /// Returns what the task was doing then.
    #[must_use]
    pub fn was(&self) -> WasThen {
        let live = self.live().is_some();
        match (self.alive_entry(), self.fired_entry()) {
            (Some(_), _) => WasThen::Running,
            _ if live && self.task.started_at.is_some_and(|start| start <= self.at) => WasThen::Running,
            (None, Some(entry)) if entry.outcome == Outcome::Lost => WasThen::Lost,
            (None, Some(_)) => WasThen::Fired,
            (None, None) if live => WasThen::Fired,
            (None, None) if self.waits_still() => WasThen::WaitsStill,
            (None, None) if self.is_reached() => WasThen::Idle,
            (None, None) => WasThen::Unknown,
        }
    }

    /// Whether the ledger has entries of the task from that time or earlier.
    #[must_use]
    pub fn is_reached(&self) -> bool {
        self.entries.iter().any(|entry| entry.fired_at <= self.at)
    }

    /// Whether a firing that is not in the ledger yet was already waiting then.
    #[must_use]
    pub fn waits_still(&self) -> bool {
        self.task.waiting.is_some_and(|waiting| waiting.since <= self.at)
    }

    /// Returns the current run, if it had fired by then.
    #[must_use]
    pub fn live(&self) -> Option<LiveRun> {
        let fired = self.task.fired_at.is_some_and(|fired| fired <= self.at);
        LiveRun::of(&self.task).filter(|_| fired)
    }

    /// Returns the run that was in progress: entered, and not ended.
    #[must_use]
    pub fn alive_entry(&self) -> Option<&Entry> {
        let is_alive = |entry: &&Entry| {
            entry.started_at.is_some_and(|start| start <= self.at) && self.at < entry.ended_at
        };
        self.entries.iter().find(is_alive)
    }

    /// Returns the firing that was held or being activated, or whose run was lost.
    #[must_use]
    pub fn fired_entry(&self) -> Option<&Entry> {
        let waits = |entry: &&Entry| {
            entry.fired_at <= self.at && self.at < entry.started_at.unwrap_or(entry.ended_at)
        };
        self.entries.iter().find(waits)
    }

    /// Returns the last firing that ended before.
    #[must_use]
    pub fn entry_before(&self) -> Option<&Entry> {
        let before = self.entries.iter().filter(|entry| entry.ended_at <= self.at);
        before.max_by_key(|entry| entry.ended_at)
    }

    /// Returns the next firing.
    #[must_use]
    pub fn entry_after(&self) -> Option<&Entry> {
        self.entries.iter().filter(|entry| entry.fired_at > self.at).min_by_key(|entry| entry.fired_at)
    }

    /// Returns the oldest firing of the task in the ledger.
    #[must_use]
    pub fn oldest_entry(&self) -> Option<&Entry> {
        self.entries.iter().min_by_key(|entry| entry.fired_at)
    }

    /// Returns the firing that `was` refers to, if it has ended by now.
    #[must_use]
    pub fn run(&self) -> Option<PastRun> {
        self.alive_entry().or(self.fired_entry()).cloned().map(past_run)
    }
}

#[cfg(test)]
mod tests;
