//! Finds out when it is worth trying again: nobody tells when there is room for more watches, or when
//! a shortage has passed.

use std::fs;

use tokio::time::{Duration, Instant};

use super::trouble::MAX_USER_WATCHES;

/// How often the limit is looked at while somebody needs more than it allows.
const LOOK: Duration = Duration::from_millis(500);
/// How long it takes at first, and at most, until it is tried although no limit was raised.
const FIRST: Duration = Duration::from_secs(4);
const LONGEST: Duration = Duration::from_secs(60);

/// What is lacking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lack {
    Nothing,
    /// Something that may be there later.
    Luck,
    /// Room for more watches.
    Room,
}

/// Waits while something is lacking.
#[derive(Debug, Default)]
pub(super) struct Room(Option<Waiting>);

#[derive(Debug)]
struct Waiting {
    lack: Lack,
    limit: Option<String>,
    look_at: Instant,
    try_at: Instant,
    pause: Duration,
}

impl Room {
    /// Says what is lacking now.
    pub(super) fn wait_for(&mut self, lack: Lack, now: Instant) {
        match &mut self.0 {
            _ if lack == Lack::Nothing => self.0 = None,
            Some(waiting) => waiting.lack = lack,
            None => {
                let (look_at, try_at) = (now + LOOK, now + FIRST);
                self.0 = Some(Waiting { lack, limit: limit(), look_at, try_at, pause: FIRST });
            }
        }
    }

    /// Returns when to look again.
    pub(super) fn due(&self) -> Option<Instant> {
        self.0.as_ref().map(|waiting| match waiting.lack {
            Lack::Room => waiting.look_at.min(waiting.try_at),
            Lack::Luck | Lack::Nothing => waiting.try_at,
        })
    }

    /// Returns whether it is worth trying.
    pub(super) fn may_be_there(&mut self, now: Instant) -> bool {
        let Some(waiting) = &mut self.0 else { return false };
        if waiting.try_at <= now {
            waiting.pause = (waiting.pause * 2).min(LONGEST);
            waiting.try_at = now + waiting.pause;
            return true;
        }
        if waiting.lack != Lack::Room || waiting.look_at > now {
            return false;
        }
        waiting.look_at = now + LOOK;
        let limit = limit();
        let raised = limit != waiting.limit;
        waiting.limit = limit;
        raised
    }
}

fn limit() -> Option<String> {
    fs::read_to_string(MAX_USER_WATCHES).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_tried_ever_less_often_and_the_limit_is_looked_at_all_the_time() {
        let (mut room, mut now) = (Room::default(), Instant::now());
        assert_eq!(room.due(), None);
        room.wait_for(Lack::Luck, now);
        let mut pauses = Vec::new();
        for _ in 0..6 {
            let due = room.due().unwrap();
            assert!(!room.may_be_there(due - Duration::from_millis(1)));
            assert!(room.may_be_there(due));
            pauses.push((due - now).as_secs());
            now = due;
        }
        assert_eq!(pauses, [4, 8, 16, 32, 60, 60]);
        room.wait_for(Lack::Room, now);
        assert!(room.due().unwrap() <= now + LOOK && !room.may_be_there(now + LOOK), "the limit is the same");
        room.wait_for(Lack::Nothing, now);
        assert_eq!(room.due(), None);
    }
}
