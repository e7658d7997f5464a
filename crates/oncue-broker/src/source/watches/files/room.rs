//! Decides when to retry watches: there is no event when other programs make room for more watches, or when
//! a shortage has passed.

use tokio::time::Instant;

use crate::source::timing::Backoff;

/// What is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lack {
    Nothing,
    /// Something that may be available later.
    Luck,
    /// Room for more watches.
    Room,
}

/// Times the retries while something is missing.
#[derive(Debug, Default)]
pub(super) struct Room(Option<Waiting>);

#[derive(Debug)]
struct Waiting {
    try_at: Instant,
    retries: u32,
    tried: Instant,
}

impl Room {
    /// Sets what is missing now.
    pub(super) fn wait_for(&mut self, lack: Lack, now: Instant) {
        match lack {
            Lack::Nothing => self.0 = None,
            Lack::Luck | Lack::Room => {
                self.0.get_or_insert(Waiting {
                    try_at: now + Backoff::ROOM.pause(0),
                    retries: 0,
                    tried: now,
                });
            }
        }
    }

    /// Returns when to try again.
    pub(super) fn due(&self) -> Option<Instant> {
        self.0.as_ref().map(|waiting| waiting.try_at)
    }

    /// Returns whether it is time to retry.
    pub(super) fn may_be_there(&mut self, now: Instant) -> bool {
        let Some(waiting) = self.0.as_mut().filter(|waiting| waiting.try_at <= now) else { return false };
        waiting.retries += 1;
        (waiting.tried, waiting.try_at) = (now, now + Backoff::ROOM.pause(waiting.retries));
        true
    }

    /// Returns whether to retry because someone asks, which is not done too often.
    pub(super) fn is_asked_for(&mut self, now: Instant) -> bool {
        let Some(waiting) = self.0.as_mut().filter(|waiting| now - waiting.tried >= Backoff::ROOM.pause(0))
        else {
            return false;
        };
        waiting.tried = now;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn it_is_tried_ever_less_often() {
        let (mut room, mut now) = (Room::default(), Instant::now());
        assert_eq!(room.due(), None);
        room.wait_for(Lack::Room, now);
        let mut pauses = Vec::new();
        for _ in 0..8 {
            room.wait_for(Lack::Luck, now);
            let due = room.due().unwrap();
            assert!(!room.may_be_there(due - Duration::from_millis(1)));
            assert!(room.may_be_there(due));
            pauses.push((due - now).as_secs());
            now = due;
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
        room.wait_for(Lack::Nothing, now);
        assert_eq!(room.due(), None);
    }

    #[test]
    fn it_is_tried_for_whoever_asks_but_not_for_each_of_many() {
        let (mut room, now) = (Room::default(), Instant::now());
        assert!(!room.is_asked_for(now), "nothing is missing");
        room.wait_for(Lack::Room, now);
        assert!(!room.is_asked_for(now), "it was tried just now");
        let later = now + Duration::from_secs(30);
        assert!(room.is_asked_for(later));
        assert!(!room.is_asked_for(later + Duration::from_millis(999)));
        assert!(room.is_asked_for(later + Duration::from_secs(1)));
    }
}
