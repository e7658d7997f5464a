//! How long runs usually take: the median of the last ones that completed.

use std::time::Duration;

use oncue::Outcome;
use oncue::tools::{Broker, Entry, Of, TaskId};

/// How many entries of a task are looked at.
const ENTRIES: u32 = 20;

/// How many tasks are looked up. Further ones count as unknown.
const TASKS: u32 = 2_000;

/// Looks up durations in the ledger as they are needed.
#[derive(Debug)]
pub(super) struct Usual<'b> {
    broker: &'b Broker,
    left: u32,
    /// Whether there were more tasks than are looked up.
    is_cut: bool,
    /// The first error; nothing is looked up after it.
    failed: Option<oncue::Error>,
}

impl<'b> Usual<'b> {
    pub(super) fn new(broker: &'b Broker) -> Self {
        Self { broker, left: TASKS, is_cut: false, failed: None }
    }

    /// Returns how long a run of the task usually takes, if any of the last ones completed.
    pub(super) fn of(&mut self, task: TaskId) -> Option<Duration> {
        if self.failed.is_some() {
            return None;
        }
        let Some(left) = self.left.checked_sub(1) else {
            self.is_cut = true;
            return None;
        };
        self.left = left;
        match self.broker.history(Of::Task(task), ENTRIES) {
            Ok(entries) => median(&entries),
            Err(error) => {
                self.failed = Some(error);
                None
            }
        }
    }

    /// Returns whether some tasks were not looked up.
    pub(super) fn end(self) -> Result<bool, oncue::Error> {
        self.failed.map_or(Ok(self.is_cut), Err)
    }
}

fn median(entries: &[Entry]) -> Option<Duration> {
    let completed = entries.iter().filter(|entry| entry.outcome == Outcome::Completed);
    let mut took: Vec<Duration> =
        completed.filter_map(|entry| Some(entry.ended_at.since(entry.started_at?))).collect();
    took.sort_unstable();
    took.get(took.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sample::{self, minutes};

    #[test]
    fn the_usual_duration_is_that_of_runs_that_completed() {
        let took = |length, outcome: Outcome| Entry {
            started_at: Some(minutes(0)),
            ended_at: minutes(length),
            outcome: outcome.into(),
            ..sample::entry(1)
        };
        let entries = [
            took(2, Outcome::Completed),
            took(90, Outcome::Completed),
            took(500, Outcome::Killed),
            took(3, Outcome::Completed),
        ];
        assert_eq!(median(&entries), Some(Duration::from_secs(180)));
        assert_eq!(median(&[took(1, Outcome::Failed)]), None);
    }
}
