//! One task of the timeline: what has happened to it, and what comes.

use std::time::Duration;

use oncue::tools::{Entry, TaskInfo, Trigger, Wall, Word, system_time};
use oncue::why::WhyAt;
use oncue_broker::ahead::Coming;

/// A task with its past and its future.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) task: TaskInfo,
    /// Its entries, in the order in which they were fired.
    pub(super) past: Vec<Entry>,
    pub(super) coming: Coming,
    /// Whether it is no longer registered.
    pub(super) is_gone: bool,
}

/// How many entries on each side of an instant are looked at to explain it.
const AROUND: usize = 3;

impl Lane {
    pub(super) fn new(task: TaskInfo, mut past: Vec<Entry>, coming: Coming, is_gone: bool) -> Self {
        past.sort_by_key(|entry| (entry.fired_at, entry.ended_at));
        Self { task, past, coming, is_gone }
    }

    /// Explains an instant near an entry, as `oncue why --at` does.
    pub(super) fn why_at(&self, entry: usize, at: Wall) -> WhyAt {
        let around = entry.saturating_sub(AROUND)..(entry + AROUND + 1).min(self.past.len());
        WhyAt::new(self.task.clone(), self.past[around].to_vec(), system_time(at))
    }

    /// Returns the last entries, the latest first.
    pub(super) fn last_entries(&self) -> Vec<Entry> {
        self.past.iter().rev().take(AROUND).cloned().collect()
    }

    /// Returns how long a firing can be delayed so that it shares a wake-up with others, at most.
    pub(super) fn slack(&self, default: Duration) -> Duration {
        let own = self.task.policy.as_ref().and_then(Word::known).and_then(|policy| policy.slack);
        let recurs = self.task.trigger.known().and_then(Trigger::period);
        let wanted = own.unwrap_or(if recurs.is_some() { default } else { Duration::ZERO });
        // The core never delays by more than a tenth of the way to the next occurrence.
        recurs.map_or(wanted, |period| wanted.min(period / 10))
    }

    /// Returns the queue in which its runs take turns.
    pub(super) fn queue(&self) -> Option<&str> {
        self.task.policy.as_ref()?.known()?.queue.as_deref()
    }

    /// Returns the entry of a run that was alive at an instant, other than that of `but`.
    pub(super) fn alive_at(&self, at: Wall, but: &Entry) -> Option<&Entry> {
        let is_alive = |entry: &&Entry| {
            entry.instance_id != but.instance_id
                && entry.started_at.is_some_and(|start| start <= at)
                && at < entry.ended_at
        };
        self.past.iter().find(is_alive)
    }
}
