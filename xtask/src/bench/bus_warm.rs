//! Peer: a method call and its reply through dbus-daemon, with the server running.

use std::time::{Duration, Instant};

use super::bus::{PrivateBus, call, runtime};
use super::room::{Plan, Room};
use super::unmeasured::Unmeasured;

const PLAN: Plan = Plan { full: 20_000, quick: 3_000 };

/// The first call of the warm-up activates the server.
pub(super) fn measure(room: &Room, bus: &PrivateBus) -> Result<Vec<Duration>, Unmeasured> {
    let rounds = room.rounds(&PLAN);
    runtime()?.block_on(async {
        let connection = bus.connect().await?;
        for _ in 0..rounds.warm_up {
            call(&connection).await?;
        }
        let mut durations = Vec::with_capacity(rounds.counted);
        for _ in 0..rounds.counted {
            let start = Instant::now();
            call(&connection).await?;
            durations.push(start.elapsed());
        }
        Ok(durations)
    })
}
