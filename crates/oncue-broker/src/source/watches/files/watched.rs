//! The state of one path watched by a task.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::room::Lack;
use super::trouble::Trouble;
use super::walk::{Found, Seen};
use crate::source::timing::Backoff;
use crate::source::watches::settle::Burst;

/// A path watched by a task.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) path: Arc<Path>,
    pub(super) deep: bool,
    pub(super) state: State,
    /// When watching was requested, in nanoseconds of the wall clock: later changes are for the
    /// task.
    since: i128,
    /// What was at the path when it was last planned.
    seen: Option<Seen>,
    /// Where it led then.
    trail: Vec<PathBuf>,
    /// Whether something may have changed unnoticed since.
    doubtful: bool,
    /// How many plans in a row were outdated when they were complete.
    restless: u32,
    pub(super) trouble: Option<Trouble>,
    /// Changes that settled while it was being planned.
    pub(super) owed: Option<Burst>,
}

/// The state of planning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It is watched as well as possible.
    Planned,
    /// It is being planned; `again` if it may have changed in the meantime.
    Planning { again: bool },
    /// It changed so often that the next plan waits.
    Pausing,
}

/// What a plan shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// No change that the task does not know about.
    None,
    /// The path leads to something else, or its contents have changed.
    Changed,
    /// Something unknown may have changed.
    Unknown,
}

/// How many plans in a row may be outdated before the next one waits.
const PATIENCE: u32 = 8;

impl Watched {
    pub(super) fn new(path: PathBuf, deep: bool) -> Self {
        Self {
            path: path.into(),
            deep,
            state: State::Planned,
            since: now(),
            seen: None,
            trail: Vec::new(),
            doubtful: false,
            restless: 0,
            trouble: None,
            owed: None,
        }
    }

    /// Records that something may have changed unnoticed.
    pub(super) fn doubt(&mut self) {
        self.doubtful |= self.seen.is_some();
    }

    /// What is needed to watch it.
    pub(super) fn lack(&self) -> Lack {
        self.trouble.as_ref().map_or(Lack::Nothing, Trouble::lack)
    }

    /// Handles the result of a plan.
    pub(super) fn take(&mut self, found: Found) -> News {
        self.trail = found.trail;
        if found.trouble.is_some() {
            // It is not watched completely now.
            self.doubt();
        }
        if found.trouble.as_ref().is_some_and(Trouble::is_short_of_room) {
            return News::None;
        }
        let Some(seen) = found.seen else { return News::None };
        let doubtful = found.trouble.is_none() && std::mem::take(&mut self.doubtful);
        match (self.seen.replace(seen), seen) {
            (None, Seen::Something(stamp)) if (self.since + 1..=now()).contains(&stamp.changed) => {
                News::Changed
            }
            (None, _) => News::None,
            (Some(before), now) if now.is_another(before) => News::Changed,
            // The contents of a folder may have changed although the folder itself has not.
            (Some(_), Seen::Something(stamp)) if doubtful && stamp.is_folder => News::Unknown,
            (Some(before), now) if doubtful && now != before => News::Changed,
            (Some(_), _) => News::None,
        }
    }

    /// Returns how long to wait before the next plan, because the last one is outdated.
    pub(super) fn pause(&mut self) -> Duration {
        self.restless += 1;
        let over = self.restless.saturating_sub(PATIENCE);
        over.checked_sub(1).map_or(Duration::ZERO, |retries| Backoff::RESTLESS.pause(retries))
    }

    /// The last plan is up to date.
    pub(super) fn rest(&mut self) {
        self.restless = 0;
    }

    /// Returns the real path of a folder in the tree.
    pub(super) fn real(&self, shown: &Path) -> PathBuf {
        match (self.trail.last(), shown.strip_prefix(&self.path)) {
            (Some(end), Ok(below)) => end.join(below),
            _ => shown.to_owned(),
        }
    }

    /// Whether it leads through a place where a file system was mounted or unmounted.
    pub(super) fn leads_through(&self, point: &Path) -> bool {
        self.trail.iter().any(|to| to.starts_with(point))
    }

    /// Whether a place where a file system was mounted or unmounted is below it, in the task's
    /// spelling.
    pub(super) fn holds(&self, point: &Path) -> Option<PathBuf> {
        let below = point.strip_prefix(self.trail.last().filter(|_| self.deep)?).ok()?;
        Some(self.path.join(below))
    }
}

/// Returns the time on the clock used by file systems, in nanoseconds.
fn now() -> i128 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::RealtimeCoarse);
    i128::from(now.tv_sec) * 1_000_000_000 + i128::from(now.tv_nsec)
}
