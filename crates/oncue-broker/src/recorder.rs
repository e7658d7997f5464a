//! The recorder: the thread that owns the store, so that the loop never waits for the disk.
//!
//! Whatever waits for it is recorded together: while one commit is under way the next one fills up.
//! Orders are done in the order given, so that a reader sees everything recorded before it asked.

use std::io;
use std::sync::mpsc as orders;
use std::thread;

use oncue_core::{LedgerEntry, Record, RequestId, TaskId, Wall};
use tokio::sync::mpsc;

use crate::config::Ledger;
use crate::store::{Of, Store, StoreError};

/// Numbers what one turn of the loop has to record.
pub(crate) type Turn = u64;

/// What the recorder is to do.
#[derive(Debug)]
enum Order {
    Record(Turn, Vec<Record>),
    Read(RequestId, Of, usize),
}

/// What the recorder has done.
#[derive(Debug)]
pub(crate) enum Done {
    /// Everything up to this turn is durable.
    Recorded(Turn),
    /// Everything not yet durable up to this turn could not be recorded.
    Failed {
        turn: Turn,
        /// The tasks whose registration is not recorded.
        tasks: Vec<TaskId>,
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
        let record = move || Work { store, ledger, ended: 0 }.until_closed(&orders, &done);
        let thread = thread::Builder::new().name("recorder".into()).spawn(record)?;
        Ok((Self { orders: sender, thread: Some(thread) }, receiver))
    }

    /// Has records made durable.
    pub(crate) fn record(&self, turn: Turn, records: Vec<Record>) -> Result<(), Gone> {
        self.orders.send(Order::Record(turn, records)).map_err(|_| Gone)
    }

    /// Has the ledger read.
    pub(crate) fn read(&self, request: RequestId, of: Of, most: usize) -> Result<(), Gone> {
        self.orders.send(Order::Read(request, of, most)).map_err(|_| Gone)
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
}

impl Work {
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
        while let Ok(order) = orders.recv() {
            let mut waiting = None;
            let told = match order {
                Order::Record(turn, records) => {
                    let (turn, records, next) = together(turn, records, orders);
                    waiting = next;
                    self.append(turn, &records)
                }
                Order::Read(request, of, most) => self.read(request, of, most),
            };
            // The loop may have left; what was ordered is done all the same.
            let _ = done.send(told);
            if let Some(Order::Read(request, of, most)) = waiting {
                let _ = done.send(self.read(request, of, most));
            }
        }
    }

    fn append(&mut self, turn: Turn, records: &[Record]) -> Done {
        match self.store.append(records) {
            Ok(()) => {
                self.clear_old(records);
                Done::Recorded(turn)
            }
            Err(error) => {
                let tasks = records.iter().filter_map(|record| match record {
                    Record::TaskRegistered { task, .. } => Some(*task),
                    _ => None,
                });
                Done::Failed { turn, tasks: tasks.collect(), error }
            }
        }
    }

    fn read(&self, request: RequestId, of: Of, most: usize) -> Done {
        Done::Read(request, self.store.history(of, most))
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

/// Takes everything that waits to be recorded, up to the next order of another kind.
fn together(
    mut turn: Turn,
    mut records: Vec<Record>,
    orders: &orders::Receiver<Order>,
) -> (Turn, Vec<Record>, Option<Order>) {
    while let Ok(order) = orders.try_recv() {
        match order {
            Order::Record(later, more) => {
                turn = later;
                records.extend(more);
            }
            Order::Read(..) => return (turn, records, Some(order)),
        }
    }
    (turn, records, None)
}

impl Store {
    /// Forgets what the ledger need not keep.
    pub(crate) fn clear(&mut self, ledger: &Ledger) -> Result<usize, StoreError> {
        let keep = i64::try_from(ledger.keep.as_micros()).unwrap_or(i64::MAX);
        let before = Wall(crate::clock::now().wall.0.saturating_sub(keep));
        self.forget_before(before, ledger.keep_per_task)
    }
}
