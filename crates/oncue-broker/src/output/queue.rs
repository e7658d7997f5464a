//! The output that waits to be written: bounded, and never full for a run that has written little.
//!
//! The loop adds what it reads from processes and never waits. If a file system takes too long, the oldest
//! output of the run that writes the most is dropped and counted, so that the end of a run's output, which
//! usually says why it failed, is kept.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use oncue_core::{InstanceId, Wall};

use super::Run;
use super::line::Kind;

/// How much may wait, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) per_run: usize,
    pub(super) all: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { per_run: 512 << 10, all: 16 << 20 }
    }
}

/// The approximate size of a chunk without its bytes.
const OVERHEAD: usize = 96;

/// The queue between the loop and the thread that writes.
#[derive(Debug)]
pub(super) struct Queue {
    room: Room,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    runs: HashMap<InstanceId, Waiting>,
    /// Whose turn it is; each run that waits is in it once.
    turns: VecDeque<InstanceId>,
    /// The size of everything that waits.
    size: usize,
    closed: bool,
}

/// Everything of one run that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) run: Run,
    pub(super) chunks: VecDeque<Chunk>,
    size: usize,
    /// How many bytes before the chunks were dropped.
    pub(super) dropped: u64,
    pub(super) end: Option<End>,
}

/// Output that was read at once.
#[derive(Clone, Debug)]
pub(super) struct Chunk {
    pub(super) kind: Kind,
    pub(super) at: Wall,
    pub(super) bytes: Arc<[u8]>,
}

/// The end of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) at: Wall,
    /// How it ended, as its file says it.
    pub(super) how: String,
    /// Whether it went wrong.
    pub(super) failed: bool,
}

/// The next step of the thread.
#[derive(Debug)]
pub(super) enum Next {
    Write(Box<Waiting>),
    /// Nothing has happened for the time that it was willing to wait.
    Nothing,
    /// The broker ends, and everything is written.
    Closed,
}

impl Chunk {
    fn size(&self) -> usize {
        self.bytes.len() + OVERHEAD
    }
}

impl Queue {
    pub(super) fn with(room: Room) -> Self {
        Self { room, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Adds output of a run.
    pub(super) fn write(&self, run: &Run, chunk: Chunk) {
        let mut state = self.state();
        state.add(run, chunk, self.room);
        drop(state);
        self.changed.notify_one();
    }

    /// Adds the end of a run.
    pub(super) fn end(&self, run: &Run, end: End) {
        self.state().of(run).end = Some(end);
        self.changed.notify_one();
    }

    /// Nothing more will be added.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    /// Takes everything of the run whose turn it is; waits for it, but not longer than `patience`.
    pub(super) fn next(&self, patience: Duration) -> Next {
        let nothing = |state: &mut State| state.turns.is_empty() && !state.closed;
        let waited = self.changed.wait_timeout_while(self.state(), patience, nothing);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match state.take() {
            Some(waiting) => Next::Write(Box::new(waiting)),
            None if state.closed => Next::Closed,
            None => Next::Nothing,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn of(&mut self, run: &Run) -> &mut Waiting {
        self.runs.entry(run.instance).or_insert_with(|| {
            self.turns.push_back(run.instance);
            Waiting { run: run.clone(), chunks: VecDeque::new(), size: 0, dropped: 0, end: None }
        })
    }

    fn add(&mut self, run: &Run, chunk: Chunk, room: Room) {
        let (size, others) = (chunk.size(), self.size);
        let waiting = self.of(run);
        let mut freed = 0;
        let is_full =
            |waiting: &Waiting, freed| waiting.size + size > room.per_run || others - freed + size > room.all;
        while is_full(waiting, freed)
            && let Some(oldest) = waiting.chunks.pop_front()
        {
            waiting.dropped += oldest.bytes.len() as u64;
            waiting.size -= oldest.size();
            freed += oldest.size();
        }
        if is_full(waiting, freed) {
            waiting.dropped += chunk.bytes.len() as u64;
            self.size -= freed;
        } else {
            waiting.size += size;
            waiting.chunks.push_back(chunk);
            self.size = self.size - freed + size;
        }
    }

    fn take(&mut self) -> Option<Waiting> {
        let waiting = self.runs.remove(&self.turns.pop_front()?)?;
        self.size -= waiting.size;
        Some(waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::tests::run;

    fn chunk(text: &str) -> Chunk {
        Chunk { kind: Kind::Out, at: Wall(0), bytes: text.as_bytes().into() }
    }

    fn take(queue: &Queue) -> Waiting {
        match queue.next(Duration::ZERO) {
            Next::Write(waiting) => *waiting,
            other => panic!("{other:?}"),
        }
    }

    fn text(waiting: &Waiting) -> String {
        waiting.chunks.iter().map(|chunk| str::from_utf8(&chunk.bytes).unwrap()).collect()
    }

    #[test]
    fn a_run_that_writes_too_much_loses_its_oldest_output_and_nobody_else_does() {
        let queue = Queue::with(Room { per_run: 3 * (OVERHEAD + 1), all: 1_000_000 });
        queue.write(&run(2), chunk("q"));
        for letter in ["a", "b", "c", "d", "e"] {
            queue.write(&run(1), chunk(letter));
        }
        queue.end(&run(1), End { at: Wall(1), how: "completed".into(), failed: false });
        let (quiet, loud) = (take(&queue), take(&queue));
        assert_eq!((text(&quiet).as_str(), quiet.dropped), ("q", 0));
        assert_eq!((text(&loud).as_str(), loud.dropped), ("cde", 2));
        assert!(loud.end.is_some());
        assert!(matches!(queue.next(Duration::ZERO), Next::Nothing));
    }

    #[test]
    fn all_runs_together_have_a_limit_and_none_waits_twice() {
        let queue = Queue::with(Room { per_run: 1_000_000, all: 10 * (OVERHEAD + 1) });
        for number in 0..10 {
            queue.write(&run(number), chunk("x"));
        }
        for number in 5..15 {
            queue.write(&run(number), chunk("y"));
        }
        assert!(queue.state().size <= queue.room.all);
        let mut taken: Vec<(String, u64)> = Vec::new();
        while let Next::Write(waiting) = queue.next(Duration::ZERO) {
            taken.push((text(&waiting), waiting.dropped));
        }
        assert_eq!(taken.iter().filter(|run| *run == &("x".to_owned(), 0)).count(), 5);
        assert_eq!(taken.iter().filter(|run| *run == &("y".to_owned(), 1)).count(), 5);
        assert_eq!(taken.iter().filter(|run| *run == &(String::new(), 1)).count(), 5);
        assert_eq!(queue.state().size, 0);
    }

    #[test]
    fn what_waits_is_still_taken_after_the_end_of_the_broker() {
        let queue = Queue::with(Room::default());
        queue.write(&run(1), chunk("last words"));
        queue.close();
        assert_eq!(text(&take(&queue)), "last words");
        assert!(matches!(queue.next(Duration::MAX), Next::Closed));
    }
}
