//! Finds out when there is room for more watches: the kernel tells nobody.

use std::fs;

use tokio::time::{Duration, Instant};

use super::trouble::MAX_USER_WATCHES;

/// How often the limit is looked at while somebody needs more than it allows.
const LOOK: Duration = Duration::from_millis(500);
/// How long it takes at first, and at most, until it is tried although the limit is the same: others
/// may watch less.
const FIRST: Duration = Duration::from_secs(4);
const LONGEST: Duration = Duration::from_secs(60);

/// Waits for room while somebody lacks it.
#[derive(Debug, Default)]
pub(super) struct Room(Option<Waiting>);

#[derive(Debug)]
struct Waiting {
    limit: Option<String>,
    look_at: Instant,
    try_at: Instant,
    pause: Duration,
}

impl Room {
    /// Says whether somebody lacks room.
    pub(super) fn watch(&mut self, lacking: bool) {
        match (&self.0, lacking) {
            (Some(_), true) | (None, false) => {}
            (_, false) => self.0 = None,
            (None, true) => {
                let now = Instant::now();
                self.0 =
                    Some(Waiting { limit: limit(), look_at: now + LOOK, try_at: now + FIRST, pause: FIRST });
            }
        }
    }

    pub(super) fn due(&self) -> Option<Instant> {
        self.0.as_ref().map(|waiting| waiting.look_at)
    }

    /// Returns whether it is worth trying.
    pub(super) fn may_be_there(&mut self, now: Instant) -> bool {
        let Some(waiting) = self.0.as_mut().filter(|waiting| waiting.look_at <= now) else { return false };
        waiting.look_at = now + LOOK;
        let limit = limit();
        if limit != waiting.limit {
            waiting.limit = limit;
            return true;
        }
        if waiting.try_at <= now {
            waiting.pause = (waiting.pause * 2).min(LONGEST);
            waiting.try_at = now + waiting.pause;
            return true;
        }
        false
    }
}

fn limit() -> Option<String> {
    fs::read_to_string(MAX_USER_WATCHES).ok()
}
