//! The recorder: the thread that owns the store, so that the loop never waits for the disk.
//!
//! Whatever waits for it is recorded together: while one commit is under way the next one fills up.
//! The ledger is read slice by slice, by turns when several ask for it, and only while nothing waits to
//! be recorded. So no reader delays a record by more than a slice, and each sees everything that was
//! recorded before it asked.
//!
//! What cannot be written is owed, but for registrations, which are refused: it is written before
//! anything else once the store can be written again, which is tried from time to time.

use std::collections::VecDeque;
use std::io;
use std::sync::mpsc as orders;
use std::thread;
use std::time::Duration;

use oncue_core::{LedgerEntry, Record, RequestId, Wall};
use tokio::sync::mpsc;

use crate::config::Ledger;
use crate::store::{Before, Of, Part, Store, StoreError};

/// How long to wait before a store that cannot be written is tried again.
const AGAIN: Duration = Duration::from_secs(2);

/// How many records may be owed; the oldest are given up then.
const MAX_OWED: usize = 100_000;

/// How many bytes of the ledger are read at a time, roughly.
const SLICE: usize = 32 << 10;

/// Numbers what one turn of the loop has to record.
pub(crate) type Turn = u64;

/// What the recorder is to do.
#[derive(Debug)]
enum Order {
    Record(Turn, Vec<Record>),
    Read(Reading),
}

/// A history that is being read.
#[derive(Debug)]
struct Reading {
    request: RequestId,
    of: Of,
    /// Where to begin, as long as that was not looked up.
    before: Option<Before>,
    /// What is still to be read.
    part: Part,
    entries: Vec<LedgerEntry>,
}

/// How much of the ledger is wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// Only what was written before this entry.
    pub(crate) before: Option<Before>,
    /// How many entries at most.
    pub(crate) most: usize,
    /// How many bytes at most, roughly.
    pub(crate) bytes: usize,
}

/// What the recorder has done.
#[derive(Debug)]
pub(crate) enum Done {
    /// Everything up to this turn is durable.
    Recorded(Turn),
    /// Everything not yet durable up to this turn could not be recorded.
    Failed {
        turn: Turn,
        /// The registrations and replacements that are not recorded.
        lost: Vec<Record>,
        error: StoreError,
    },
    /// The ledger was read.
    Read(RequestId, Result<Vec<LedgerEntry>, StoreError>),
}

/// The loop's end of the recorder.
#[derive(Debug)]
pub(crate) struct Recorder {
    orders: orders::Sender<Order>,
    thread: Option<thread::JoinHandle<()>>,
}

/// The recorder is gone; that never happens while the broker lives.
#[derive(Debug, thiserror::Error)]
#[error("the thread that records has ended")]
pub(crate) struct Gone;

impl Recorder {
    /// Starts the thread; what it has done comes out of the receiver.
    pub(crate) fn start(store: Store, ledger: Ledger) -> io::Result<(Self, mpsc::UnboundedReceiver<Done>)> {
        let (sender, orders) = orders::channel();
        // The loop stops taking in work while much is under way, so this cannot grow without bound.
        let (done, receiver) = mpsc::unbounded_channel();
        let record = move || Work::new(store, ledger).until_closed(&orders, &done);
        let thread = thread::Builder::new().name("recorder".into()).spawn(record)?;
        Ok((Self { orders: sender, thread: Some(thread) }, receiver))
    }

    /// Has records made durable.
    pub(crate) fn record(&self, turn: Turn, records: Vec<Record>) -> Result<(), Gone> {
        self.orders.send(Order::Record(turn, records)).map_err(|_| Gone)
    }

    /// Has the ledger read.
    pub(crate) fn read(&self, request: RequestId, of: Of, wanted: Wanted) -> Result<(), Gone> {
        let Wanted { before, most, bytes } = wanted;
        let part = Part { before: None, most, bytes };
        let reading = Reading { request, of, before, part, entries: Vec::new() };
        self.orders.send(Order::Read(reading)).map_err(|_| Gone)
    }
}

impl Drop for Recorder {
    /// Waits until everything ordered is on the disk.
    fn drop(&mut self) {
        let (closed, _) = orders::channel();
        drop(std::mem::replace(&mut self.orders, closed));
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that records has panicked");
        }
    }
}

/// The thread's own state.
struct Work {
    store: Store,
    ledger: Ledger,
    /// How many firings have ended since the ledger was last cleared of old ones.
    ended: u32,
    /// What could not be written and still holds.
    owed: Vec<Record>,
    /// The turn that could not be written last, while that is so.
    failed: Option<Turn>,
    /// The histories that are being read; the first one is next.
    readings: VecDeque<Reading>,
}

/// What the thread does next.
enum Next {
    Order(Order),
    ReadOn,
    Leave,
}

impl Work {
    fn new(store: Store, ledger: Ledger) -> Self {
        Self { store, ledger, ended: 0, owed: Vec::new(), failed: None, readings: VecDeque::new() }
    }

    /// Lets whoever waits for a run go first where there are few processors; nobody waits for the
    /// disk without knowing that it is slow.
    fn give_way() {
        const NICE: i32 = 5;
        if let Err(error) = rustix::process::nice(NICE) {
            tracing::debug!("giving way to other threads: {error}; going on as before");
        }
    }

    fn until_closed(mut self, orders: &orders::Receiver<Order>, done: &mpsc::UnboundedSender<Done>) {
        Self::give_way();
        loop {
            let told = match self.next(orders, done) {
                Next::Order(Order::Record(turn, records)) => {
                    let (turn, records) = self.together(turn, records, orders);
                    Some(self.append(turn, records))
                }
                Next::Order(Order::Read(reading)) => {
                    self.readings.push_back(reading);
                    None
                }
                Next::ReadOn => self.read_on(),
                Next::Leave => break,
            };
            // The loop may have left; what was ordered is done all the same.
            if let Some(told) = told {
                let _ = done.send(told);
            }
        }
        if self.try_again().is_none() && self.failed.is_some() {
            tracing::error!("{} records could not be written until the end", self.owed.len());
        }
    }

    /// Waits for an order; while the store cannot be written, tries it meanwhile.
    fn next(&mut self, orders: &orders::Receiver<Order>, done: &mpsc::UnboundedSender<Done>) -> Next {
        if !self.readings.is_empty() {
            return orders.try_recv().map_or(Next::ReadOn, Next::Order);
        }
        while self.failed.is_some() {
            match orders.recv_timeout(AGAIN) {
                Ok(order) => return Next::Order(order),
                Err(orders::RecvTimeoutError::Timeout) => {
                    if let Some(works) = self.try_again() {
                        let _ = done.send(works);
                    }
                }
                Err(orders::RecvTimeoutError::Disconnected) => return Next::Leave,
            }
        }
        orders.recv().map_or(Next::Leave, Next::Order)
    }

    fn try_again(&mut self) -> Option<Done> {
        let turn = self.failed?;
        let written = if self.owed.is_empty() { self.store.touch() } else { self.store.append(&self.owed) };
        if let Err(error) = written {
            tracing::debug!("recording what is owed: {error}; trying again later");
            return None;
        }
        self.owed.clear();
        self.failed = None;
        Some(Done::Recorded(turn))
    }

    fn append(&mut self, turn: Turn, records: Vec<Record>) -> Done {
        self.owed.extend(records);
        match self.store.append(&self.owed) {
            Ok(()) => {
                let written = std::mem::take(&mut self.owed);
                self.failed = None;
                self.clear_old(&written);
                Done::Recorded(turn)
            }
            Err(error) => {
                let (lost, owed) = std::mem::take(&mut self.owed).into_iter().partition(registers);
                self.owed = owed;
                let surplus = self.owed.len().saturating_sub(MAX_OWED);
                if surplus > 0 {
                    tracing::error!("{surplus} records that could not be written are given up");
                    self.owed.drain(..surplus);
                }
                self.failed = Some(turn);
                Done::Failed { turn, lost, error }
            }
        }
    }

    /// Takes everything that waits to be recorded; what is to be read waits until it is.
    fn together(
        &mut self,
        mut turn: Turn,
        mut records: Vec<Record>,
        orders: &orders::Receiver<Order>,
    ) -> (Turn, Vec<Record>) {
        while let Ok(order) = orders.try_recv() {
            match order {
                Order::Record(later, more) => {
                    turn = later;
                    records.extend(more);
                }
                Order::Read(reading) => self.readings.push_back(reading),
            }
        }
        (turn, records)
    }

    /// Reads a slice of the history whose turn it is; returns one that is complete.
    fn read_on(&mut self) -> Option<Done> {
        let mut reading = self.readings.pop_front()?;
        if let Some(before) = reading.before.take() {
            match self.store.number_of(before) {
                Ok(Some(number)) => reading.part.before = Some(number),
                Ok(None) => return Some(Done::Read(reading.request, Ok(Vec::new()))),
                Err(error) => return Some(Done::Read(reading.request, Err(error))),
            }
        }
        let part = Part { bytes: reading.part.bytes.min(SLICE), ..reading.part };
        match self.store.history(&reading.of, part) {
            Err(error) => Some(Done::Read(reading.request, Err(error))),
            Ok(slice) => {
                reading.part.before = slice.next;
                reading.part.bytes = reading.part.bytes.saturating_sub(slice.bytes);
                reading.part.most = reading.part.most.saturating_sub(slice.entries.len());
                reading.entries.extend(slice.entries);
                if slice.next.is_none() || reading.part.bytes == 0 || reading.part.most == 0 {
                    return Some(Done::Read(reading.request, Ok(reading.entries)));
                }
                self.readings.push_back(reading);
                None
            }
        }
    }

    /// Forgets old entries from time to time; how often is no matter of correctness.
    fn clear_old(&mut self, records: &[Record]) {
        const EVERY: u32 = 1_000;
        let ended = records.iter().filter(|record| matches!(record, Record::Ended(_))).count();
        self.ended += u32::try_from(ended).unwrap_or(EVERY);
        if self.ended < EVERY {
            return;
        }
        self.ended = 0;
        if let Err(error) = self.store.clear(&self.ledger) {
            tracing::warn!("clearing the ledger of old entries: {error}; keeping them");
        }
    }
}

fn registers(record: &Record) -> bool {
    matches!(record, Record::TaskRegistered { .. } | Record::TaskReplaced { .. })
}

impl Store {
    /// Forgets what the ledger need not keep.
    pub(crate) fn clear(&mut self, ledger: &Ledger) -> Result<usize, StoreError> {
        let keep = i64::try_from(ledger.keep.as_micros()).unwrap_or(i64::MAX);
        let before = Wall(crate::clock::now().wall.0.saturating_sub(keep));
        self.forget_before(before, ledger.keep_per_task)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oncue_core::{Access, FamilyName, Guid, InstanceId, Outcome, RequestId, TaskId, TaskSpec, Trigger};

    fn denied(name: &str) -> Record {
        Record::AccessSet { package: FamilyName::new(name), access: Access::Denied }
    }

    fn new_task() -> Record {
        let class = Guid::from_u128(1);
        let trigger = Trigger::Time { minutes: 15, one_shot: false };
        Record::TaskRegistered {
            task: TaskId(Guid::from_u128(2)),
            package: FamilyName::new("app"),
            spec: TaskSpec {
                name: "x".repeat(9_000).as_str().into(),
                group: None,
                class,
                trigger,
                condition: None,
                policy: None,
            },
            at: Wall(0),
            next_due: oncue_core::Due::OnEvent,
        }
    }

    #[test]
    fn what_a_full_disk_refused_is_written_once_there_is_room_and_registrations_are_not() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("store.db");
        let mut work = Work::new(Store::open(&path).unwrap().0, Ledger::default());
        work.store.limit_pages(true);
        let failed = work.append(7, vec![denied("first"), new_task()]);
        assert!(
            matches!(failed, Done::Failed { turn: 7, ref lost, .. } if *lost == [new_task()]),
            "{failed:?}"
        );
        assert!(matches!(work.append(8, vec![new_task()]), Done::Failed { turn: 8, .. }));
        assert_eq!(work.owed, [denied("first")], "only the registrations were refused");

        work.store.limit_pages(false);
        assert!(matches!(work.try_again(), Some(Done::Recorded(8))));
        assert!(work.try_again().is_none(), "nothing is wrong any more");
        let stored = work.store.load().unwrap();
        assert_eq!(stored.access, [(FamilyName::new("first"), Access::Denied)]);
        assert_eq!(stored.tasks, []);
    }

    #[test]
    fn a_store_that_works_again_is_noticed_though_nothing_is_owed() {
        let place = tempfile::tempdir().unwrap();
        let mut work = Work::new(Store::open(&place.path().join("store.db")).unwrap().0, Ledger::default());
        work.store.limit_pages(true);
        assert!(matches!(work.append(1, vec![new_task()]), Done::Failed { .. }));
        work.store.limit_pages(false);
        assert!(matches!(work.try_again(), Some(Done::Recorded(1))));
    }

    fn ended(number: u128, size: usize) -> Record {
        Record::Ended(Box::new(LedgerEntry {
            instance: InstanceId(Guid::from_u128(number)),
            task: TaskId(Guid::from_u128(1)),
            name: "x".into(),
            package: FamilyName::new("app"),
            fired_at: Wall(0),
            started_at: None,
            ended_at: Wall(crate::clock::now().wall.0),
            outcome: Outcome::Crashed,
            reason: None,
            progress: None,
            firings: 1,
            exit: None,
            message: Some("x".repeat(size)),
        }))
    }

    /// What the thread does with these orders, all of which wait when it begins.
    fn done(recorded: Vec<Record>, ordered: impl IntoIterator<Item = Order>) -> Vec<Done> {
        let place = tempfile::tempdir().unwrap();
        let mut work = Work::new(Store::open(&place.path().join("store.db")).unwrap().0, Ledger::default());
        work.store.append(&recorded).unwrap();
        let (sender, orders) = orders::channel();
        ordered.into_iter().for_each(|order| sender.send(order).unwrap());
        drop(sender);
        let (done, mut receiver) = mpsc::unbounded_channel();
        work.until_closed(&orders, &done);
        drop(done);
        std::iter::from_fn(|| receiver.blocking_recv()).collect()
    }

    fn read(request: u64, most: usize, bytes: usize) -> Order {
        let part = Part { before: None, most, bytes };
        let (request, of) = (RequestId(request), Of::All);
        Order::Read(Reading { request, of, before: None, part, entries: Vec::new() })
    }

    #[test]
    fn records_do_not_wait_for_those_who_read_and_these_see_them() {
        let orders = [read(1, 10, 1 << 20), read(2, 10, 1 << 20), Order::Record(1, vec![ended(9, 10)])];
        let done = done(vec![ended(1, 10)], orders);
        let [Done::Recorded(1), Done::Read(_, Ok(first)), Done::Read(_, Ok(second))] = &done[..] else {
            panic!("{done:?}");
        };
        assert_eq!((first.len(), second.len()), (2, 2));
    }

    #[test]
    fn who_reads_much_does_not_keep_who_reads_little_waiting_and_gets_so_many_bytes() {
        let many = (1..=200).map(|number| ended(number, 4_096)).collect();
        let done = done(many, [read(1, 200, 256 << 10), read(2, 1, 1 << 20)]);
        let [Done::Read(RequestId(2), Ok(little)), Done::Read(RequestId(1), Ok(much))] = &done[..] else {
            panic!("{done:?}");
        };
        assert_eq!(little.len(), 1);
        assert!((50..=70).contains(&much.len()), "{} entries of 4 KiB", much.len());
        assert!(much.windows(2).all(|pair| pair[0].instance > pair[1].instance), "each once, in order");
    }
}
