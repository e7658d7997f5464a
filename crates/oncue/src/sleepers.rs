//! The wakers of futures that wait for a cancellation.

use std::mem::replace;
use std::task::Waker;

/// The wakers for a cancellation.
///
/// Dropping a waker may drop a task's future, which calls into this again. So a lock on this must
/// be released first, and wakers are returned to the caller rather than dropped.
#[derive(Default)]
pub(crate) struct Sleepers {
    last: u64,
    wakers: Vec<(u64, Waker)>,
}

impl Sleepers {
    /// Stores a waker in its place or in a new one, and returns the waker that was replaced.
    pub(crate) fn put(&mut self, place: &mut Option<u64>, waker: &Waker) -> Option<Waker> {
        let known = place.and_then(|place| self.wakers.iter_mut().find(|(at, _)| *at == place));
        if let Some((_, known)) = known {
            return (!known.will_wake(waker)).then(|| replace(known, waker.clone()));
        }
        self.last += 1;
        *place = Some(self.last);
        self.wakers.push((self.last, waker.clone()));
        None
    }

    pub(crate) fn remove(&mut self, place: u64) -> Option<Waker> {
        let at = self.wakers.iter().position(|(at, _)| *at == place)?;
        Some(self.wakers.swap_remove(at).1)
    }

    pub(crate) fn wake(self) {
        self.wakers.into_iter().for_each(|(_, waker)| waker.wake());
    }
}
