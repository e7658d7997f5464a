//! Combines events that are close together into one: see [`timing::Settle`].

use std::collections::{BTreeSet, HashMap};

use oncue_core::{Boot, Details, Event, TaskId, start_of};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::inbox::Inbox;
use crate::source::timing;

/// How many texts of a burst to keep; the core keeps no more for a run.
const KEPT: usize = 256;
/// How many bytes of a text to keep: enough for the longest path.
pub(super) const LONGEST_ITEM: usize = 4_096;

/// Events that have not been reported yet.
#[derive(Debug, Default)]
pub(super) struct Settling {
    bursts: HashMap<TaskId, Burst>,
    /// When each burst is due, earliest first.
    dues: BTreeSet<(Instant, TaskId)>,
}

/// Events close together.
#[derive(Debug)]
pub(super) struct Burst {
    first: Instant,
    last: Instant,
    items: Vec<String>,
    left_out: u32,
}

impl Settling {
    /// Adds an event for a task.
    pub(super) fn add(&mut self, now: Instant, task: TaskId, mut item: String) {
        if item.len() > LONGEST_ITEM {
            item.truncate(start_of(&item, LONGEST_ITEM - '…'.len_utf8()).len());
            item.push('…');
        }
        let burst = self.burst(now, task);
        if burst.items.contains(&item) {
            return;
        }
        if burst.items.len() < KEPT {
            burst.items.push(item);
        } else {
            burst.left_out = burst.left_out.saturating_add(1);
        }
    }

    /// Records that at least this many unknown events occurred.
    pub(super) fn lose(&mut self, now: Instant, task: TaskId, at_least: u32) {
        let burst = self.burst(now, task);
        burst.left_out = burst.left_out.saturating_add(at_least);
    }

    /// Returns the burst that an event joins, which it prolongs.
    fn burst(&mut self, now: Instant, task: TaskId) -> &mut Burst {
        let new = || Burst { first: now, last: now, items: Vec::new(), left_out: 0 };
        let burst = self.bursts.entry(task).or_insert_with(new);
        self.dues.remove(&(burst.due(), task));
        burst.last = now;
        self.dues.insert((burst.due(), task));
        burst
    }

    pub(super) fn forget(&mut self, task: TaskId) {
        self.take_of(task);
    }

    /// Returns when the next burst is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.dues.first().map(|(due, _)| *due)
    }

    /// Takes the settled bursts.
    pub(super) fn take(&mut self, now: Instant) -> Vec<(TaskId, Details)> {
        self.take_bursts(now).into_iter().map(|(task, burst)| (task, burst.details())).collect()
    }

    /// Reports to the loop the bursts that have settled by now.
    pub(super) async fn tell(&mut self, inbox: &mpsc::Sender<Inbox>) {
        for (task, details) in self.take(Instant::now()) {
            let _ = inbox.send(Event::Noticed { task, count: 1, during: None, details }.into()).await;
        }
    }

    /// The same as `take`, with their times.
    pub(super) fn take_bursts(&mut self, now: Instant) -> Vec<(TaskId, Burst)> {
        let settled: Vec<TaskId> =
            self.dues.iter().take_while(|(due, _)| *due <= now).map(|(_, task)| *task).collect();
        settled.into_iter().filter_map(|task| Some((task, self.take_of(task)?))).collect()
    }

    /// Takes the burst of one task, settled or not.
    pub(super) fn take_of(&mut self, task: TaskId) -> Option<Burst> {
        let burst = self.bursts.remove(&task)?;
        self.dues.remove(&(burst.due(), task));
        Some(burst)
    }
}

impl Burst {
    /// Joins a later burst.
    pub(super) fn and(mut self, later: Self) -> Self {
        for item in later.items {
            if !self.items.contains(&item) {
                self.items.push(item);
            }
        }
        self.left_out = self.left_out.saturating_add(later.left_out);
        Self { last: later.last, ..self }
    }

    /// Returns the times of the first and the last event on the boot clock, where it is `now`.
    pub(super) fn during(&self, now: Boot) -> (Boot, Boot) {
        let at = |instant: Instant| now.before(instant.elapsed());
        (at(self.first), at(self.last))
    }

    fn due(&self) -> Instant {
        timing::Settle::WATCHED.over(self.first, self.last)
    }

    pub(super) fn details(self) -> Details {
        Details { items: self.items, left_out: self.left_out }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use oncue_core::Guid;

    const QUIET: Duration = Duration::from_millis(200);
    const LONGEST: Duration = Duration::from_secs(2);
    const TASK: TaskId = TaskId(Guid::from_u128(1));

    #[test]
    fn what_comes_close_together_is_told_once() {
        let (mut settling, mut now) = (Settling::default(), Instant::now());
        for name in ["a", "b", "a"] {
            settling.add(now, TASK, name.into());
            now += QUIET / 2;
            assert_eq!(settling.take(now), []);
        }
        now += QUIET / 2;
        assert_eq!(settling.due(), Some(now));
        let details = Details { items: vec!["a".into(), "b".into()], left_out: 0 };
        assert_eq!(settling.take(now), [(TASK, details)]);
        assert_eq!(settling.due(), None);
    }

    #[test]
    fn what_never_rests_is_told_all_the_same() {
        let (mut settling, begin) = (Settling::default(), Instant::now());
        let mut now = begin;
        let told = loop {
            settling.add(now, TASK, format!("{:?}", now - begin));
            now += QUIET / 10;
            if let [(_, told)] = &settling.take(now)[..] {
                break told.clone();
            }
        };
        assert_eq!((now - begin, told.items.len()), (LONGEST, 100));
    }

    #[test]
    fn a_long_text_is_cut_where_a_character_ends() {
        let (mut settling, now) = (Settling::default(), Instant::now());
        settling.add(now, TASK, "ä".repeat(LONGEST_ITEM));
        settling.add(now, TASK, "x".repeat(LONGEST_ITEM));
        let [(_, details)] = &settling.take(now + LONGEST)[..] else { panic!("one task is told") };
        let [long, fits] = &details.items[..] else { panic!("{} texts", details.items.len()) };
        assert!(long.len() <= LONGEST_ITEM && long.ends_with("ä…"));
        assert_eq!(fits.len(), LONGEST_ITEM);
    }

    #[test]
    fn a_storm_is_counted_and_not_kept() {
        let (mut settling, now) = (Settling::default(), Instant::now());
        (0..10_000).for_each(|number| settling.add(now, TASK, number.to_string()));
        let [(_, details)] = &settling.take(now + LONGEST)[..] else { panic!("one task is told") };
        assert_eq!((details.items.len(), details.left_out), (KEPT, 10_000 - KEPT as u32));
    }
}
