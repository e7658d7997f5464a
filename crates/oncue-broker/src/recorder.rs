//! The recorder: the thread that owns the store, so that the loop never waits for the disk.
//!
//! Everything that waits is recorded together: while one commit is in progress, the next one fills up.
//! The ledger is read slice by slice, in turn if there are several readers, and only while nothing waits
//! to be recorded. So no reader delays a record by more than a slice, and each reader sees everything that
//! was recorded before its request.
//!
//! Records that cannot be written are owed, except registrations, which are refused. Owed records are
//! written before any others once the store can be written again, which is retried from time to time.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc as orders;
use std::thread;
use std::time::Duration;

use oncue_core::{LedgerEntry, Record, RequestId, Wall};
use tokio::sync::mpsc;

use crate::config::Ledger;
use crate::store::{Before, Of, Part, Store, StoreError};

/// How long to wait before retrying a store that cannot be written.
const AGAIN: Duration = Duration::from_secs(2);

/// The maximum number of owed records; beyond it, the oldest are dropped.
pub(crate) const MAX_OWED: usize = 100_000;

/// How long the end of the broker waits for the disk.
const END_WITHIN: Duration = Duration::from_secs(5);

/// How many bytes of the ledger are read at a time, roughly.
const SLICE: usize = 32 << 10;

/// The number of a turn of the loop that has something to record.
pub(crate) type Turn = u64;

/// What the recorder should do.
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
    /// Where to begin, until that has been looked up.
    before: Option<Before>,
    /// The part that remains to be read.
    part: Part,
    entries: Vec<LedgerEntry>,
}

/// Which part of the ledger to read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// Only entries that were written before this one.
    pub(crate) before: Option<Before>,
    /// The maximum number of entries.
    pub(crate) most: usize,
    /// The approximate maximum number of bytes.
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

/// The loop's handle to the recorder.
#[derive(Debug)]
pub(crate) struct Recorder {
    orders: orders::Sender<Order>,
    /// Receives the number of records still owed when the thread ends; `None` once it was received.
    owed: Option<orders::Receiver<usize>>,
}

/// Not everything is recorded, and the broker ends.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotRecorded {
    /// The thread is still waiting for the disk.
    #[error("the file system of the store did not answer within {} s", END_WITHIN.as_secs())]
    Hangs,
    /// The store could not be written.
    #[error("the store could not be written, and {0} records are missing from it")]
    Owed(usize),
    /// The thread has panicked.
    #[error("the thread that records has panicked")]
    Panicked,
}

/// The recorder has ended, which does not happen while the broker lives.
#[derive(Debug, thiserror::Error)]
#[error("the recorder thread has ended")]
pub(crate) struct Gone;

impl Recorder {
    /// Starts the thread, and returns a receiver of its reports. A store whose files are gone is restored
    /// unless `cleared` is set.
    pub(crate) fn start(
        store: Store,
        ledger: Ledger,
        cleared: Arc<AtomicBool>,
    ) -> io::Result<(Self, mpsc::UnboundedReceiver<Done>)> {
        let (sender, orders) = orders::channel();
        // The loop accepts no more work while much is in progress, so this cannot grow without bound.
        let (done, receiver) = mpsc::unbounded_channel();
        let (end, owed) = orders::channel();
        let record = move || {
            let owed = Work { cleared, ..Work::new(store, ledger) }.until_closed(&orders, &done);
            // The loop may no longer wait.
            let _ = end.send(owed);
        };
        thread::Builder::new().name("recorder".into()).spawn(record)?;
        Ok((Self { orders: sender, owed: Some(owed) }, receiver))
    }

    /// Waits until everything ordered is on the disk. If the disk does not answer, the thread is left behind.
    pub(crate) fn end(&mut self) -> Result<(), NotRecorded> {
        let (closed, _) = orders::channel();
        drop(std::mem::replace(&mut self.orders, closed));
        let Some(owed) = self.owed.take() else { return Ok(()) };
        match owed.recv_timeout(END_WITHIN) {
            Ok(0) => Ok(()),
            Ok(owed) => Err(NotRecorded::Owed(owed)),
            Err(orders::RecvTimeoutError::Timeout) => Err(NotRecorded::Hangs),
            Err(orders::RecvTimeoutError::Disconnected) => Err(NotRecorded::Panicked),
        }
    }

    /// Orders records to be made durable.
    pub(crate) fn record(&self, turn: Turn, records: Vec<Record>) -> Result<(), Gone> {
        self.orders.send(Order::Record(turn, records)).map_err(|_| Gone)
    }

    /// Orders a part of the ledger to be read.
    pub(crate) fn read(&self, request: RequestId, of: Of, wanted: Wanted) -> Result<(), Gone> {
        let Wanted { before, most, bytes } = wanted;
        let part = Part { before: None, most, bytes };
        let reading = Reading { request, of, before, part, entries: Vec::new() };
        self.orders.send(Order::Read(reading)).map_err(|_| Gone)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::error!("{error}");
        }
    }
}

/// The thread's own state.
struct Work {
    store: Store,
    ledger: Ledger,
    /// How many firings have ended since the ledger was last cleared of old ones.
    ended: u32,
    /// The records that could not be written and are still valid.
    owed: Vec<Record>,
    /// The last turn that could not be written, while the store cannot be written.
    failed: Option<Turn>,
    /// The histories that are being read; the first one is next.
    readings: VecDeque<Reading>,
    /// Set when this home was deleted and must not be restored.
    cleared: Arc<AtomicBool>,
}

/// What the thread does next.
enum Next {
    Order(Order),
    ReadOn,
    Leave,
}

impl Work {
    fn new(store: Store, ledger: Ledger) -> Self {
        Self {
            store,
            ledger,
            ended: 0,
            owed: Vec::new(),
            failed: None,
            readings: VecDeque::new(),
            cleared: Arc::default(),
        }
    }

    /// Lowers the thread's priority, so that on few processors, runs go first.
    fn give_way() {
        const NICE: i32 = 5;
        if let Err(error) = rustix::process::nice(NICE) {
            tracing::debug!(
                "lowering the priority of the recorder thread: {error}; continuing at normal priority"
            );
        }
    }

    /// Executes orders until the loop has gone; returns how many records are then owed.
    fn until_closed(mut self, orders: &orders::Receiver<Order>, done: &mpsc::UnboundedSender<Done>) -> usize {
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
            // The loop may have gone; its orders are executed all the same.
            if let Some(told) = told {
                let _ = done.send(told);
            }
        }
        self.try_again();
        if let Err(error) = self.put_back() {
            tracing::error!("{error}");
        }
        // Nothing is owed to a home that was cleared.
        if self.cleared.load(Ordering::Relaxed) { 0 } else { self.owed.len() }
    }

    /// Waits for an order, and retries a store that cannot be written in the meantime.
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

    fn put_back(&mut self) -> Result<(), StoreError> {
        if self.cleared.load(Ordering::Relaxed) { Ok(()) } else { self.store.put_back() }
    }

    fn try_again(&mut self) -> Option<Done> {
        let turn = self.failed?;
        let written = self.put_back().and_then(|()| match self.owed.is_empty() {
            true => self.store.touch(),
            false => self.store.append(&self.owed),
        });
        if let Err(error) = written {
            tracing::debug!("writing outstanding records: {error}; retrying later");
            return None;
        }
        self.owed.clear();
        self.failed = None;
        Some(Done::Recorded(turn))
    }

    fn append(&mut self, turn: Turn, records: Vec<Record>) -> Done {
        self.owed.extend(records);
        let written = match self.store.append(&self.owed) {
            Err(error) if self.mended(&error) => self.store.append(&self.owed),
            written => written,
        };
        match written {
            Ok(()) => {
                let written = std::mem::take(&mut self.owed);
                self.failed = None;
                self.clear_old(&written);
                Done::Recorded(turn)
            }
            Err(error) => {
                let (lost, owed) = std::mem::take(&mut self.owed).into_iter().partition(Record::registers);
                self.owed = owed;
                let surplus = self.owed.len().saturating_sub(MAX_OWED);
                if surplus > 0 {
                    tracing::error!("giving up {surplus} records that could not be written");
                    self.owed.drain(..surplus);
                }
                self.failed = Some(turn);
                Done::Failed { turn, lost, error }
            }
        }
    }

    /// Takes everything that waits to be recorded, before any reading.
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

    /// Reads a slice of the next history; returns the history if it is complete.
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
        let read = match self.store.history(&reading.of, part) {
            Err(error) if self.mended(&error) => self.store.history(&reading.of, part),
            read => read,
        };
        match read {
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

    /// Sets a damaged ledger aside, if that caused the error.
    fn mended(&mut self, error: &StoreError) -> bool {
        error.is_damage()
            && self.store.mend_ledger().unwrap_or_else(|error| {
                tracing::error!("{error}");
                false
            })
    }

    /// Deletes old entries from time to time. How often does not affect correctness.
    fn clear_old(&mut self, records: &[Record]) {
        const EVERY: u32 = 1_000;
        let ended = records.iter().filter(|record| matches!(record, Record::Ended(_))).count();
        self.ended += u32::try_from(ended).unwrap_or(EVERY);
        if self.ended < EVERY {
            return;
        }
        self.ended = 0;
        if let Err(error) = self.store.clear(&self.ledger)
            && !self.mended(&error)
        {
            tracing::warn!("removing old entries from the ledger: {error}; keeping them");
        }
    }
}

impl Store {
    /// Deletes what the ledger does not have to keep.
    pub(crate) fn clear(&mut self, ledger: &Ledger) -> Result<usize, StoreError> {
        let keep = i64::try_from(ledger.keep.as_micros()).unwrap_or(i64::MAX);
        let before = Wall(crate::clock::now().wall.0.saturating_sub(keep));
        self.forget_before(before, ledger.keep_per_task)
    }
}

#[cfg(test)]
mod tests;
