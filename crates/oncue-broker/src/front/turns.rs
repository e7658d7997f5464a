//! Chooses whose call is next: the process that has used the least of the loop's time.
//!
//! The calls of a connection are handled in order, and the connections of a process in turn. A
//! process that was idle does not accumulate time; it begins where the others are.
//!
//! A process with many waiting calls is less urgent than one that waits for each answer, so its time
//! counts several times.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Duration;

/// The maximum factor by which time counts.
const HEAVIEST: u32 = 8;

/// Identifies a connection; never reused while the broker runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PeerId(pub(crate) u64);

impl PeerId {
    /// Returns the name of the connection in the form of a message bus.
    pub(crate) fn bus_name(self) -> String {
        format!(":1.{}", self.0)
    }
}

/// Identifies a process.
pub(crate) type ProcessId = i32;

/// Waiting items, by connection and process.
#[derive(Debug)]
pub(crate) struct Turns<T> {
    lines: HashMap<PeerId, Line<T>>,
    processes: HashMap<ProcessId, Share>,
    /// The processes with waiting items, ordered by the time used.
    order: BTreeSet<(Duration, ProcessId)>,
    /// The time used by the process that was served last.
    now: Duration,
}

/// The items waiting on one connection.
#[derive(Debug)]
struct Line<T> {
    process: ProcessId,
    waiting: VecDeque<T>,
    /// Whether the first item waits for something other than its turn.
    parked: bool,
}

/// One process's share of the loop's time.
#[derive(Debug, Default)]
struct Share {
    had: Duration,
    /// Its connections with waiting items.
    ready: VecDeque<PeerId>,
    connections: usize,
    /// The number of items that wait on all its connections.
    waiting: usize,
    /// The factor by which the time of the last item counts.
    weight: u32,
}

impl<T> Default for Turns<T> {
    fn default() -> Self {
        Self { lines: HashMap::new(), processes: HashMap::new(), order: BTreeSet::new(), now: Duration::ZERO }
    }
}

impl<T> Turns<T> {
    /// Adds a connection.
    pub(crate) fn open(&mut self, peer: PeerId, process: ProcessId) {
        self.lines.insert(peer, Line { process, waiting: VecDeque::new(), parked: false });
        self.processes.entry(process).or_default().connections += 1;
    }

    /// Removes a connection and its waiting items.
    pub(crate) fn close(&mut self, peer: PeerId) {
        let Some(line) = self.lines.remove(&peer) else { return };
        let Some(share) = self.processes.get_mut(&line.process) else { return };
        share.waiting -= line.waiting.len();
        share.ready.retain(|ready| *ready != peer);
        share.connections -= 1;
        if share.ready.is_empty() {
            self.order.remove(&(share.had, line.process));
        }
        if share.connections == 0 {
            self.processes.remove(&line.process);
        }
        self.again(line.process);
    }

    /// Adds an item; if its connection is not open, the item is dropped.
    pub(crate) fn push(&mut self, peer: PeerId, what: T) {
        let Some(line) = self.lines.get_mut(&peer) else { return };
        line.waiting.push_back(what);
        if let Some(share) = self.processes.get_mut(&line.process) {
            share.waiting += 1;
        }
        if line.waiting.len() == 1 && !line.parked {
            self.ready(peer);
        }
    }

    /// Returns the next item and its connection.
    pub(crate) fn next(&mut self) -> Option<(PeerId, T)> {
        let (had, process) = self.order.pop_first()?;
        self.now = self.now.max(had);
        let share = self.processes.get_mut(&process)?;
        let peer = share.ready.pop_front()?;
        let what = self.lines.get_mut(&peer)?.waiting.pop_front()?;
        share.weight = u32::try_from(share.waiting).unwrap_or(HEAVIEST).clamp(1, HEAVIEST);
        share.waiting -= 1;
        Some((peer, what))
    }

    /// Records how long the item returned by [`next`](Self::next) took.
    pub(crate) fn done(&mut self, peer: PeerId, took: Duration) {
        let Some(line) = self.lines.get(&peer) else { return };
        if let Some(share) = self.processes.get_mut(&line.process) {
            share.had += took * share.weight;
        }
        let more = !line.waiting.is_empty() && !line.parked;
        self.again(line.process);
        if more {
            self.ready(peer);
        }
    }

    /// Returns an unfinished item of [`next`](Self::next); it comes first when it is this
    /// connection's turn again.
    pub(crate) fn put_back(&mut self, peer: PeerId, what: T) {
        self.give_back(peer, what);
    }

    /// Returns an item of [`next`](Self::next) that cannot be handled yet. The connection waits
    /// until [`unpark`](Self::unpark).
    pub(crate) fn park(&mut self, peer: PeerId, what: T) {
        self.give_back(peer, what);
        self.lines.entry(peer).and_modify(|line| line.parked = true);
    }

    /// Lets parked connections have their turn again.
    pub(crate) fn unpark(&mut self) {
        let parked = self.lines.iter().filter(|(_, line)| line.parked);
        let mut parked: Vec<PeerId> = parked.map(|(peer, _)| *peer).collect();
        parked.sort_unstable();
        for peer in parked {
            self.lines.entry(peer).and_modify(|line| line.parked = false);
            self.ready(peer);
        }
    }

    /// Whether there is a next item.
    pub(crate) fn any(&self) -> bool {
        !self.order.is_empty()
    }

    fn give_back(&mut self, peer: PeerId, what: T) {
        let Some(line) = self.lines.get_mut(&peer) else { return };
        line.waiting.push_front(what);
        if let Some(share) = self.processes.get_mut(&line.process) {
            share.waiting += 1;
        }
    }

    fn ready(&mut self, peer: PeerId) {
        let Some(line) = self.lines.get(&peer) else { return };
        let Some(share) = self.processes.get_mut(&line.process) else { return };
        let was_quiet = share.ready.is_empty();
        if was_quiet {
            share.had = share.had.max(self.now);
        }
        share.ready.push_back(peer);
        self.again(line.process);
    }

    /// Puts a process with waiting items into the order.
    fn again(&mut self, process: ProcessId) {
        if let Some(share) = self.processes.get(&process).filter(|share| !share.ready.is_empty()) {
            self.order.insert((share.had, process));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// Takes all items, each of which takes the time given by `took`. Returns the connections in
    /// order.
    fn take_all(turns: &mut Turns<u32>, took: impl Fn(PeerId) -> Duration) -> Vec<u64> {
        let mut taken = Vec::new();
        while let Some((peer, _)) = turns.next() {
            turns.done(peer, took(peer));
            taken.push(peer.0);
        }
        taken
    }

    #[test]
    fn a_process_that_asks_little_is_next_however_much_others_ask() {
        let mut turns = Turns::default();
        for peer in 0..20 {
            turns.open(PeerId(peer), 100 + i32::try_from(peer / 2).unwrap());
            (0..50).for_each(|n| turns.push(PeerId(peer), n));
        }
        for _ in 0..100 {
            let (peer, _) = turns.next().unwrap();
            turns.done(peer, MS);
        }
        turns.open(PeerId(99), 7);
        turns.push(PeerId(99), 0);
        let (first, _) = turns.next().unwrap();
        assert_eq!(first, PeerId(99));
    }

    #[test]
    fn each_process_gets_the_same_time_and_each_of_its_connections_the_same_number() {
        let mut turns = Turns::default();
        for (peer, process) in [(1, 10), (2, 10), (3, 30)] {
            turns.open(PeerId(peer), process);
            (0..20).for_each(|n| turns.push(PeerId(peer), n));
        }
        // Requests of process 30 take twice as long, so it is served half as often.
        let taken = std::iter::from_fn(|| {
            let (peer, _) = turns.next()?;
            turns.done(peer, if peer == PeerId(3) { 2 * MS } else { MS });
            Some(peer.0)
        });
        let taken: Vec<u64> = taken.take(12).collect();
        assert_eq!(taken, [1, 3, 2, 1, 3, 2, 1, 3, 2, 1, 3, 2]);
    }

    #[test]
    fn a_process_that_waits_for_each_answer_is_next_however_many_calls_another_lets_wait() {
        let mut turns = Turns::default();
        turns.open(PeerId(1), 10);
        turns.open(PeerId(2), 20);
        let mut taken = Vec::new();
        // The first one always has calls waiting; the second one asks again once it has been answered.
        for n in 0..8 {
            turns.push(PeerId(1), n);
        }
        turns.push(PeerId(2), 0);
        for n in 0..180 {
            let (peer, _) = turns.next().unwrap();
            turns.done(peer, MS);
            turns.push(peer, n);
            taken.push(peer.0);
        }
        let patient = taken.iter().filter(|peer| **peer == 1).count();
        assert_eq!((patient, taken.len() - patient), (20, 160), "{taken:?}");
        turns.close(PeerId(2));
        assert_eq!(take_all(&mut turns, |_| MS).len(), 8, "alone it has all the time that there is");
    }

    #[test]
    fn the_calls_of_a_connection_keep_their_order_when_the_first_has_to_wait() {
        let mut turns = Turns::default();
        turns.open(PeerId(1), 10);
        turns.open(PeerId(2), 10);
        for n in 0..3 {
            turns.push(PeerId(1), n);
            turns.push(PeerId(2), n);
        }
        let (peer, what) = turns.next().unwrap();
        assert_eq!((peer, what), (PeerId(1), 0));
        turns.park(peer, what);
        turns.done(peer, Duration::ZERO);
        assert_eq!(take_all(&mut turns, |_| MS), [2, 2, 2], "nobody else waits");
        turns.push(PeerId(1), 3);
        assert!(!turns.any());
        turns.unpark();
        let mut taken = Vec::new();
        while let Some((peer, what)) = turns.next() {
            turns.done(peer, MS);
            taken.push(what);
        }
        assert_eq!(taken, [0, 1, 2, 3]);
    }

    #[test]
    fn what_waits_on_a_closed_connection_is_dropped_and_its_process_goes_on() {
        let mut turns = Turns::default();
        turns.open(PeerId(1), 10);
        turns.open(PeerId(2), 10);
        turns.push(PeerId(1), 1);
        turns.push(PeerId(1), 2);
        turns.push(PeerId(2), 3);
        let (peer, _) = turns.next().unwrap();
        turns.close(peer);
        turns.done(peer, MS);
        assert_eq!(take_all(&mut turns, |_| MS), [2]);
        turns.close(PeerId(2));
        turns.push(PeerId(2), 4);
        assert!(!turns.any() && turns.processes.is_empty());
    }
}
