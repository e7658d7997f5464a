//! The clocks: the current time, and an alarm on the clock that includes sleep.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use oncue_core::{Boot, Moment, Wall};
use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime,
    timerfd_create, timerfd_settime,
};
use tokio::io::unix::AsyncFd;

use crate::descriptor;

/// How far the wall clock is ahead of the boot clock, in microseconds.
static AHEAD: AtomicI64 = AtomicI64::new(i64::MIN);

/// The two clocks run at the same speed and are read one after the other. A smaller difference is
/// just the time between the two readings, not a change of the clock.
const READING: u64 = 1_000;

/// Returns the current instant on both clocks. The difference between them stays the same until the
/// wall clock is set.
pub(crate) fn now() -> Moment {
    let boot = micros(clock_gettime(ClockId::Boottime));
    let seen = micros(clock_gettime(ClockId::Realtime)).saturating_sub(boot);
    let mut ahead = AHEAD.load(Ordering::Relaxed);
    if ahead.abs_diff(seen) > READING {
        AHEAD.store(seen, Ordering::Relaxed);
        ahead = seen;
    }
    Moment { wall: Wall(boot.saturating_add(ahead)), boot: Boot(boot) }
}

/// Detects sleep, whatever caused it: `CLOCK_BOOTTIME` includes it, `CLOCK_MONOTONIC` does not. See
/// clock_gettime(2).
#[derive(Debug)]
pub(crate) struct Sleeps {
    /// The total sleep since boot at the last check, in microseconds.
    seen: i64,
}

impl Sleeps {
    /// Starts to observe.
    pub(crate) fn begin() -> Self {
        Self { seen: Self::so_far() }
    }

    /// Returns how long the machine has slept since the last call, if it has.
    pub(crate) fn since_last(&mut self) -> Option<Duration> {
        self.beyond(Self::so_far())
    }

    fn beyond(&mut self, so_far: i64) -> Option<Duration> {
        // The clocks are not read at the same instant, and a shorter sleep does not matter for
        // deadlines.
        const LEAST: i64 = 1_000_000;
        let slept = so_far.saturating_sub(self.seen);
        if slept < LEAST {
            return None;
        }
        self.seen = so_far;
        u64::try_from(slept).ok().map(Duration::from_micros)
    }

    fn so_far() -> i64 {
        let awake = micros(clock_gettime(ClockId::Monotonic));
        micros(clock_gettime(ClockId::Boottime)).saturating_sub(awake)
    }
}

fn micros(time: Timespec) -> i64 {
    time.tv_sec.saturating_mul(1_000_000).saturating_add(time.tv_nsec / 1_000)
}

/// An alarm on `CLOCK_BOOTTIME`, which also goes off after sleep. See timerfd_create(2).
pub(crate) struct Alarm {
    timer: AsyncFd<OwnedFd>,
    set_to: Option<Boot>,
}

impl Alarm {
    /// Creates an alarm that is not set.
    pub(crate) fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
        let timer = timerfd_create(TimerfdClockId::Boottime, flags)?;
        Ok(Self { timer: descriptor::readable(timer)?, set_to: None })
    }

    /// Sets or clears the alarm; does nothing if it is already set to that time.
    pub(crate) fn set(&mut self, at: Option<Boot>) -> io::Result<()> {
        if self.set_to == at {
            return Ok(());
        }
        // A time of zero would clear the alarm, and one before boot cannot be set. Both are due
        // now.
        let micros = at.map_or(0, |at| at.0.max(1));
        let value = Timespec { tv_sec: micros / 1_000_000, tv_nsec: micros % 1_000_000 * 1_000 };
        let never_again = Timespec { tv_sec: 0, tv_nsec: 0 };
        let spec = Itimerspec { it_interval: never_again, it_value: value };
        timerfd_settime(self.timer.get_ref(), TimerfdTimerFlags::ABSTIME, &spec)?;
        self.set_to = at;
        Ok(())
    }

    /// Waits until the alarm goes off; it is then no longer set.
    pub(crate) async fn rings(&mut self) -> io::Result<()> {
        loop {
            let mut ready = self.timer.readable().await?;
            let mut count = [0_u8; 8];
            match rustix::io::read(ready.get_inner(), &mut count) {
                Ok(_) => {
                    self.set_to = None;
                    return Ok(());
                }
                Err(rustix::io::Errno::AGAIN) => ready.clear_ready(),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleep_is_seen_once_and_a_machine_that_is_awake_does_not_sleep() {
        let mut sleeps = Sleeps::begin();
        let hour = Duration::from_secs(3_600);
        let after = sleeps.seen + 3_600_000_000;
        assert_eq!(sleeps.beyond(after), Some(hour));
        assert_eq!(sleeps.beyond(after + 500_000), None);
        assert_eq!(sleeps.beyond(after + 3_600_000_000), Some(hour));
        assert_eq!(Sleeps::begin().since_last(), None);
    }
}
