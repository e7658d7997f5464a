//! Charges resources that clients use to their processes, and releases the charge automatically.
//!
//! A call is charged from its first byte until the last byte of its answer has been written. So a
//! client that does not read its answers runs out of room, and the broker stops reading from it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use oncue_wire::limits;
use tokio::sync::{AcquireError, Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep};

use super::pace::Pace;

/// How much of its room for calls a process may use for messages above [`SHORT`].
const LONG_PER_PROCESS: usize = limits::MESSAGE;

/// The room for long messages of all processes together.
const LONG: usize = 16 << 20;

/// A message up to this length is charged only to its process.
const SHORT: usize = 8 << 10;

/// What all processes share.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    long: Arc<Semaphore>,
    answers: Arc<Semaphore>,
    /// Notified when a place for a long answer has become free.
    pub(crate) freed: Arc<Notify>,
}

impl Default for Shared {
    fn default() -> Self {
        let room = |amount| Arc::new(Semaphore::new(amount));
        Self { long: room(LONG), answers: room(limits::ANSWERS), freed: Arc::default() }
    }
}

/// The account of one process.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    calls: Arc<Semaphore>,
    long: Arc<Semaphore>,
    answers: Arc<Semaphore>,
    pace: Arc<Mutex<Pace>>,
    shared: Shared,
}

/// The charge of a call, until it has been answered.
#[derive(Debug, Default)]
pub(crate) struct Charge {
    _permits: Vec<OwnedSemaphorePermit>,
    answer: Option<Place>,
}

/// A place for a long answer.
#[derive(Debug)]
struct Place {
    permits: Option<[OwnedSemaphorePermit; 2]>,
    freed: Arc<Notify>,
}

impl Account {
    pub(crate) fn new(shared: Shared) -> Self {
        let room = |amount| Arc::new(Semaphore::new(amount));
        Self {
            calls: room(limits::CALLS_PER_PROCESS),
            long: room(LONG_PER_PROCESS),
            answers: room(limits::ANSWERS_PER_PROCESS),
            pace: Arc::new(Mutex::new(Pace::new(Instant::now()))),
            shared,
        }
    }

    /// Waits until there is room for a call of this length.
    pub(super) async fn room_for(&self, length: usize) -> Result<Charge, AcquireError> {
        let room = async |of: &Arc<Semaphore>, amount: usize| {
            of.clone().acquire_many_owned(u32::try_from(amount).unwrap_or(u32::MAX)).await
        };
        let mut permits = Vec::with_capacity(3);
        if length <= SHORT {
            permits.push(room(&self.calls, length + limits::CALL).await?);
        } else {
            permits.push(room(&self.calls, limits::CALL).await?);
            permits.push(room(&self.long, length).await?);
            permits.push(room(&self.shared.long, length).await?);
        }
        Ok(Charge { _permits: permits, answer: None })
    }

    /// Returns the charge of a call of this length if there is room for it now.
    pub(super) fn room_now(&self, length: usize) -> Option<Charge> {
        let room = |of: &Arc<Semaphore>, amount: usize| {
            of.clone().try_acquire_many_owned(u32::try_from(amount).unwrap_or(u32::MAX)).ok()
        };
        let permits = if length <= SHORT {
            vec![room(&self.calls, length + limits::CALL)?]
        } else {
            let calls = room(&self.calls, limits::CALL)?;
            vec![calls, room(&self.long, length)?, room(&self.shared.long, length)?]
        };
        Some(Charge { _permits: permits, answer: None })
    }

    /// Charges steps of work, and waits until they are covered.
    pub(super) async fn steps(&self, steps: u32) {
        let wait = self.with_pace(|pace| pace.take(Instant::now(), steps));
        if !wait.is_zero() {
            sleep(wait).await;
        }
    }

    /// Charges steps of work unless the process would have to wait longer than `most`; returns how
    /// long it has to wait.
    pub(super) fn steps_within(&self, steps: u32, most: Duration) -> Option<Duration> {
        self.with_pace(|pace| pace.take_within(Instant::now(), steps, most))
    }

    /// Whether all work that the process has caused is covered.
    pub(super) fn is_even(&self) -> bool {
        self.with_pace(|pace| pace.is_full(Instant::now()))
    }

    fn with_pace<T>(&self, with: impl FnOnce(&mut Pace) -> T) -> T {
        with(&mut self.pace.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reserves a place for a long answer; returns false if none is free.
    pub(crate) fn reserve_answer(&self, charge: &mut Charge) -> bool {
        if charge.answer.is_none() {
            let place = |of: &Arc<Semaphore>| of.clone().try_acquire_owned();
            let (Ok(own), Ok(shared)) = (place(&self.answers), place(&self.shared.answers)) else {
                return false;
            };
            charge.answer = Some(Place { permits: Some([own, shared]), freed: self.shared.freed.clone() });
        }
        true
    }
}

impl Charge {
    /// Whether it holds a place for a long answer.
    pub(crate) fn is_long(&self) -> bool {
        self.answer.is_some()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.permits = None;
        self.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[test]
    fn the_room_of_a_process_is_bounded_and_given_back() {
        let shared = Shared::default();
        let (one, other) = (Account::new(shared.clone()), Account::new(shared));
        let mut held = Vec::new();
        while let Some(charge) = one.room_for(100).now_or_never() {
            held.push(charge.unwrap());
        }
        assert_eq!(held.len(), limits::CALLS_PER_PROCESS / (100 + limits::CALL));
        assert!(one.room_now(100).is_none() && other.room_now(100).is_some());
        assert!(other.room_for(100).now_or_never().is_some(), "another process has room of its own");
        held.pop();
        assert!(one.room_for(100).now_or_never().is_some());
    }

    #[test]
    fn long_messages_leave_room_for_short_ones() {
        let shared = Shared::default();
        let accounts: Vec<Account> = (0..64).map(|_| Account::new(shared.clone())).collect();
        let mut held = Vec::new();
        let long = |account: &Account| account.room_for(limits::MESSAGE).now_or_never();
        held.extend(accounts.iter().filter_map(long));
        assert_eq!(held.len(), LONG / limits::MESSAGE);
        assert!(long(&accounts[0]).is_none());
        assert!(accounts.iter().all(|account| account.room_for(SHORT).now_or_never().is_some()));
        held.clear();
        assert!(long(&accounts[63]).is_some());
    }

    #[test]
    fn a_place_for_a_long_answer_that_becomes_free_is_told() {
        let shared = Shared::default();
        let (one, other) = (Account::new(shared.clone()), Account::new(shared.clone()));
        let mut charges: Vec<Charge> = std::iter::repeat_with(Charge::default).take(3).collect();
        let reserved: Vec<bool> = charges.iter_mut().map(|charge| one.reserve_answer(charge)).collect();
        assert_eq!(reserved, [true, true, false]);
        assert!(other.reserve_answer(&mut Charge::default()));
        assert!(shared.freed.notified().now_or_never().is_some());
        charges.remove(0);
        assert!(shared.freed.notified().now_or_never().is_some());
        assert!(one.reserve_answer(&mut charges[1]));
    }
}
