//! One path that a task watches, as it stands.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::room::Lack;
use super::trouble::Trouble;
use super::walk::{Found, Seen};
use crate::source::watches::settle::Burst;

/// One path that a task watches.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) path: Arc<Path>,
    pub(super) deep: bool,
    pub(super) state: State,
    /// When it was to be watched, in nanoseconds of the wall clock: what changed later is for the task.
    since: i128,
    /// What lay there when it was planned last.
    seen: Option<Seen>,
    /// Where it led then.
    trail: Vec<PathBuf>,
    /// Whether something may have changed unseen since.
    doubtful: bool,
    /// How many plans in a row were out of date when they were done.
    restless: u32,
    pub(super) trouble: Option<Trouble>,
    /// What has settled while it was planned.
    pub(super) owed: Option<Burst>,
}

/// Where the planning stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It is watched as well as it can be.
    Planned,
    /// It is being planned; `again` when it may have been led elsewhere meanwhile.
    Planning { again: bool },
    /// It was led elsewhere so often that the next plan waits.
    Pausing,
}

/// What a plan shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// Nothing has changed that the task was not told of.
    None,
    /// Something else lies there, or what lies there has changed.
    Changed,
    /// Something may have changed, and nobody knows what.
    Unknown,
}

/// How many plans in a row may be out of date before the next one waits.
const PATIENCE: u32 = 8;
/// How long it waits at first, and at most.
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

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

    /// Notes that something may have changed unseen.
    pub(super) fn doubt(&mut self) {
        self.doubtful |= self.seen.is_some();
    }

    /// What it lacks to be watched.
    pub(super) fn lack(&self) -> Lack {
        self.trouble.as_ref().map_or(Lack::Nothing, Trouble::lack)
    }

    /// Takes in what a plan found.
    pub(super) fn take(&mut self, found: Found) -> News {
        self.trail = found.trail;
        if found.trouble.is_some() {
            // Not all of it is watched now.
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
            // What a folder holds may have changed although the folder has not.
            (Some(_), Seen::Something(stamp)) if doubtful && stamp.is_folder => News::Unknown,
            (Some(before), now) if doubtful && now != before => News::Changed,
            (Some(_), _) => News::None,
        }
    }

    /// Returns how long the next plan is to wait, since the last one is out of date.
    pub(super) fn pause(&mut self) -> Duration {
        self.restless += 1;
        let over = self.restless.saturating_sub(PATIENCE);
        if over == 0 { Duration::ZERO } else { (PAUSE * (1 << over.min(8))).min(LONGEST_PAUSE) }
    }

    /// The last plan is up to date.
    pub(super) fn rest(&mut self) {
        self.restless = 0;
    }

    /// Returns where a folder lies that is shown as part of the tree.
    pub(super) fn real(&self, shown: &Path) -> PathBuf {
        match (self.trail.last(), shown.strip_prefix(&self.path)) {
            (Some(end), Ok(below)) => end.join(below),
            _ => shown.to_owned(),
        }
    }

    /// Whether it leads through a place at which something was mounted or unmounted.
    pub(super) fn leads_through(&self, point: &Path) -> bool {
        self.trail.iter().any(|to| to.starts_with(point))
    }

    /// Whether a place at which something was mounted or unmounted lies below it; how it is shown.
    pub(super) fn holds(&self, point: &Path) -> Option<PathBuf> {
        let below = point.strip_prefix(self.trail.last().filter(|_| self.deep)?).ok()?;
        Some(self.path.join(below))
    }
}

/// What the clock shows that file systems go by, in nanoseconds.
fn now() -> i128 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::RealtimeCoarse);
    i128::from(now.tv_sec) * 1_000_000_000 + i128::from(now.tv_nsec)
}
