//! The firings that have ended, latest first.

use std::collections::VecDeque;

use oncue::Outcome;
use oncue::tools::Entry;

/// The last firings, except those that joined another one.
#[derive(Debug, Default)]
pub(in crate::commands::watch) struct Recent {
    entries: VecDeque<Entry>,
}

impl Recent {
    /// How many are kept. No screen shows more.
    pub(in crate::commands::watch) const MOST: u32 = 200;

    /// Replaces all, latest first.
    pub(super) fn replace(&mut self, entries: Vec<Entry>) {
        self.entries = entries.into_iter().filter(is_own).collect();
    }

    /// Adds firings, oldest first.
    pub(super) fn add(&mut self, ended: Vec<Entry>) {
        for entry in ended.into_iter().filter(is_own) {
            // The end of a run may be known from the ledger before the broker tells of it.
            if !self.entries.iter().any(|known| known.instance_id == entry.instance_id) {
                self.entries.push_front(entry);
            }
        }
        self.entries.truncate(Self::MOST as usize);
    }

    /// Returns them, latest first.
    pub(in crate::commands::watch) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }
}

fn is_own(entry: &Entry) -> bool {
    entry.outcome != Outcome::Coalesced
}
