//! Explains why a task runs or does not run, for apps and tools alike.
//!
//! An app calls [`BackgroundTaskRegistration::why`](crate::BackgroundTaskRegistration::why), a tool
//! [`Broker::why`](crate::tools::Broker::why); `oncue why` shows the answer. WinRT has no
//! counterpart.
//!
//! ```no_run
//! use oncue::BackgroundTaskRegistration;
//! use oncue::why::WaitsFor;
//!
//! # fn main() -> Result<(), oncue::Error> {
//! for task in BackgroundTaskRegistration::all_tasks()? {
//!     let why = task.why()?;
//!     if why.waits_for() == WaitsFor::Conditions {
//!         for part in why.failing() {
//!             println!("{} waits for {}: {:?}", task.name(), part.part, part.facts);
//!         }
//!     }
//! }
//! # Ok(()) }
//! ```

mod ask;
mod at;
mod part;

use std::time::SystemTime;

use oncue_types::{Outcome, TaskState};
use oncue_wire::{Entry, FactInfo, TaskInfo, WaitingInfo, Word};

pub use at::{WasThen, WhyAt};
pub use oncue_types::{Blocker, Reading};
pub use part::{Attempt, FailingPart, HoldLimit, LiveRun, WaitingFirings, WaitsFor, behind};

use crate::broker::answers::past_run;
use crate::broker::moment::system_time;
use crate::past_run::PastRun;

/// How many of the last firings to include.
const FIRINGS: u32 = 3;

/// What a task is waiting for, since when, what prevents it from running, and its last firings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    task: TaskInfo,
    facts: Vec<FactInfo>,
    entries: Vec<Entry>,
}

impl Why {
    /// Explains a task from the current facts and its last ledger entries, latest first; for a tool
    /// that has already requested them.
    #[must_use]
    pub fn new(task: TaskInfo, facts: Vec<FactInfo>, mut entries: Vec<Entry>) -> Self {
        entries.retain(is_own);
        entries.truncate(FIRINGS as usize);
        Self { task, facts, entries }
    }

    /// Returns the task as sent by the broker, for tools.
    #[must_use]
    pub fn task(&self) -> &TaskInfo {
        &self.task
    }

    /// Returns all facts as sent by the broker, for tools.
    #[must_use]
    pub fn facts(&self) -> &[FactInfo] {
        &self.facts
    }

    /// Returns the last ledger entries as sent by the broker, latest first, for tools.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the state of the task.
    #[must_use]
    pub fn state(&self) -> &Word<TaskState> {
        &self.task.state
    }

    /// Whether nothing needs attention: the task waits for its trigger, which is available; nothing
    /// but its condition would prevent it from running; and its last run succeeded.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        let task = &self.task;
        let went_badly = task.last.as_ref().is_some_and(|last| went_wrong(&last.outcome));
        *self.state() == TaskState::Armed
            && task.blocked.is_empty()
            && task.retry.is_none()
            && task.strikes == 0
            && task.trouble.is_empty()
            && !went_badly
    }

    /// Returns what the task is waiting for first.
    #[must_use]
    pub fn waits_for(&self) -> WaitsFor {
        let blocked = self.blocked();
        let is_blocked_by = |blocker| blocked.iter().any(|by| *by == blocker);
        match self.state() {
            Word::Known(TaskState::Quarantined) => WaitsFor::Release,
            Word::Known(TaskState::Held) if is_blocked_by(Blocker::Stopping) => WaitsFor::NextBroker,
            Word::Known(TaskState::Held) if is_blocked_by(Blocker::Denied) => WaitsFor::Access,
            Word::Known(TaskState::Held)
                if is_blocked_by(Blocker::Paused) || is_blocked_by(Blocker::AllPaused) =>
            {
                WaitsFor::EndOfPause
            }
            Word::Known(TaskState::Held) if !blocked.is_empty() => WaitsFor::Machine,
            Word::Known(TaskState::Held) => WaitsFor::Conditions,
            Word::Known(TaskState::Activating) => WaitsFor::TaskServer,
            Word::Known(TaskState::Running | TaskState::Cancelling) => WaitsFor::EndOfRun,
            Word::Known(TaskState::Armed) | Word::Other(_) => match (self.task.retry, self.task.next_due) {
                (Some(retry), due) if due.is_none_or(|due| retry.at <= due) => WaitsFor::Retry,
                _ => WaitsFor::Trigger,
            },
        }
    }

    /// Returns since when it has been waiting, or `None` for a task that has not fired.
    #[must_use]
    pub fn since(&self) -> Option<SystemTime> {
        let task = &self.task;
        let ended_at = task.last.as_ref().map(|last| last.ended_at);
        let since = match self.state() {
            Word::Known(TaskState::Armed) => ended_at,
            Word::Known(TaskState::Held) => task.held_since,
            Word::Known(TaskState::Quarantined) => task.held_since.or(ended_at),
            Word::Known(TaskState::Activating) => task.fired_at,
            Word::Known(TaskState::Running | TaskState::Cancelling) => task.started_at.or(task.fired_at),
            Word::Other(_) => None,
        };
        since.map(system_time)
    }

    /// Returns the parts of its condition that fail now, and the facts behind each. For a task that
    /// has not fired, these would hold it.
    #[must_use]
    pub fn failing(&self) -> Vec<FailingPart> {
        let failing = self.task.failing.iter().map(|part| FailingPart {
            part: part.clone(),
            facts: behind(part, &self.facts).into_iter().cloned().collect(),
        });
        failing.collect()
    }

    /// Returns what prevents it from running, besides its condition. For a task that has not fired,
    /// what would prevent it.
    #[must_use]
    pub fn blocked(&self) -> &[Word<Blocker>] {
        &self.task.blocked
    }

    /// Whether it has fired and only a person can let it run: it is quarantined, its package is
    /// denied, a pause without an end or a simulated fact holds it.
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        let fired = self.task.waiting.is_some() && self.task.instance_id.is_none();
        let simulated =
            |part: &FailingPart| !part.facts.is_empty() && part.facts.iter().all(|fact| fact.pinned);
        let mut pauses = self.task.paused.iter().chain(&self.task.all_paused);
        let endless = pauses.any(|pause| pause.until.is_none());
        let mut known = self.blocked().iter().filter_map(Word::known);
        fired && (endless || known.any(Blocker::needs_a_person) || self.failing().iter().any(simulated))
    }

    /// Returns why its trigger cannot be watched, if so; for example because a watched folder does
    /// not exist.
    #[must_use]
    pub fn trouble(&self) -> Option<&str> {
        Some(self.task.trouble.as_str()).filter(|trouble| !trouble.is_empty())
    }

    /// Returns when its hold ends and what happens then, if it is held and its policy limits that.
    #[must_use]
    pub fn hold_limit(&self) -> Option<HoldLimit> {
        let limit = self.task.policy.as_ref()?.known()?.hold_limit?;
        let at = system_time(self.task.held_since?).checked_add(limit.after)?;
        Some(HoldLimit { at, then: limit.then })
    }

    /// Returns the firings that wait for a condition or for the end of the run.
    #[must_use]
    pub fn waiting(&self) -> Option<WaitingFirings> {
        self.task
            .waiting
            .map(|WaitingInfo { firings, since }| WaitingFirings { firings, since: system_time(since) })
    }

    /// Returns the next attempt after a failure.
    #[must_use]
    pub fn retry(&self) -> Option<Attempt> {
        self.task.retry.map(|retry| Attempt { number: retry.attempt, at: system_time(retry.at) })
    }

    /// Returns when its trigger fires next.
    #[must_use]
    pub fn next_due(&self) -> Option<SystemTime> {
        self.task.next_due.map(system_time)
    }

    /// Returns the current run.
    #[must_use]
    pub fn run(&self) -> Option<LiveRun> {
        LiveRun::of(&self.task)
    }

    /// Returns the last firings, latest first; at most three.
    #[must_use]
    pub fn recent(&self) -> Vec<PastRun> {
        self.entries.iter().cloned().map(past_run).collect()
    }
}

/// Whether an entry is more than a firing that joined another one, whose entry says how many it
/// answers.
fn is_own(entry: &Entry) -> bool {
    entry.outcome != Outcome::Coalesced
}

/// Returns whether a run with this outcome needs attention.
#[must_use]
pub fn went_wrong(outcome: &Word<Outcome>) -> bool {
    outcome.known().is_some_and(|outcome| outcome.went_wrong())
}

#[cfg(test)]
mod tests;
