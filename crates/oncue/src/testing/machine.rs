//! What happens to the machine of a test: time passes, it sleeps, reboots, loses power.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use oncue_core::{Boot, Broker, CancellationReason, Event, Guid, Moment, Wall};

use super::verbs::observe;
use super::world::{SEED, World};
use super::{TestBroker, TestError};
use crate::BackgroundTaskCancellationReason;
use crate::broker::scope::Scope;

impl TestBroker {
    /// Lets time pass: goes from one deadline to the next, and lets each settle before it goes on.
    ///
    /// # Errors
    /// When the machine is asleep, or when something does not settle; time stands still where that
    /// happened.
    pub fn advance(&self, span: Duration) -> Result<(), TestError> {
        self.act(|_| Ok(()))?;
        let mut left = span;
        loop {
            let next = self.next_deadline();
            let step = next.map_or(left, |next| next.min(left));
            self.pass(step);
            self.hub.world().ring();
            self.settle()?;
            left -= step;
            if left.is_zero() && self.next_deadline().is_none_or(|next| !next.is_zero()) {
                return Ok(());
            }
        }
    }

    /// Sets the machine's time zone, `Europe/Berlin`; at first it is UTC.
    ///
    /// # Errors
    /// [`TestError::Zone`] when there is no such zone, or when something does not settle.
    pub fn set_time_zone(&self, name: &str) -> Result<(), TestError> {
        self.act(|world| {
            world.zones.set(name)?;
            world.handle(Event::ClockSet { zone_changed: true });
            world.ring();
            Ok(())
        })
    }

    /// Sets the machine's wall clock; what waits for a span of time is not moved by that.
    ///
    /// # Errors
    /// When something does not settle.
    pub fn set_clock(&self, time: SystemTime) -> Result<(), TestError> {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.act(|world| {
            world.now.wall = Wall(0).after(since);
            world.handle(Event::ClockSet { zone_changed: false });
            world.ring();
            Ok(())
        })
    }

    /// Sends the machine to sleep: nothing happens until [`resume`](Self::resume). What programs
    /// ask meanwhile is refused, what they say is heard afterwards.
    ///
    /// # Errors
    /// When it is asleep already, or when something does not settle.
    pub fn sleep(&self) -> Result<(), TestError> {
        self.act(|world| {
            world.handle(Event::GoingToSleep);
            world.asleep = true;
            Ok(())
        })
    }

    /// Wakes the machine, so long after it went to sleep: what was due meanwhile is due now, once.
    ///
    /// # Errors
    /// When it is awake, or when something does not settle.
    pub fn resume(&self, after: Duration) -> Result<(), TestError> {
        if !self.hub.world().asleep {
            return Err(TestError::Awake);
        }
        {
            let mut world = self.hub.world();
            // The clock that idle servers go by stands still while the machine sleeps.
            world.pass(after);
            world.asleep = false;
            world.handle(Event::Woke { slept: after });
            for (peer, message) in std::mem::take(&mut world.unheard) {
                world.received(peer, &message);
            }
            world.see_pinned();
            world.ring();
        }
        self.settle()
    }

    /// Ends the session in an orderly way: what runs is cancelled with `LoggingOff` or `Terminating`,
    /// and has as long as the system waits; nothing begins any more until the machine has
    /// [rebooted](Self::reboot).
    ///
    /// # Errors
    /// When something does not settle.
    pub fn end_session(
        &self,
        reason: BackgroundTaskCancellationReason,
        within: Duration,
    ) -> Result<(), TestError> {
        let reason = match reason {
            BackgroundTaskCancellationReason::LoggingOff => CancellationReason::LoggingOff,
            _ => CancellationReason::Terminating,
        };
        self.act(|world| {
            world.handle(Event::SessionEnding { reason, within: Some(within) });
            Ok(())
        })
    }

    /// Switches the machine off, and on again after a while; everything that was recorded is there.
    ///
    /// All programs end with it: runs are `lost`, and the test's thread goes on as the same program
    /// started anew, whose handlers have to be attached again.
    ///
    /// # Errors
    /// When something does not settle.
    pub fn reboot(&self, off: Duration) -> Result<(), TestError> {
        self.settle()?;
        self.start_again(off);
        self.settle()
    }

    /// Takes the power away, and gives it back after a while: like [`reboot`](Self::reboot), but the
    /// last thing that happened is taken back if nobody has been told of it.
    ///
    /// What a program was answered, what a handler was told, and what the test has read from the
    /// [ledger](Self::ledger) stays. So a run of which nobody knows yet may begin a second time.
    ///
    /// # Errors
    /// When something does not settle.
    pub fn lose_power(&self, off: Duration) -> Result<(), TestError> {
        self.settle()?;
        self.hub.world().journal.lose();
        self.start_again(off);
        self.settle()
    }

    fn start_again(&self, off: Duration) {
        let processes = {
            let mut world = self.hub.world();
            let package = world.processes.get(&self.app.get()).map(|process| process.package.clone());
            let ended = world.end_all();
            self.hub.time.pass(off);
            world.boot_after(off);
            if let Some(package) = package {
                let (app, process) = world.process(package, None);
                self.app.set(app);
                Scope::of(Arc::clone(&process.client)).enter();
            }
            ended
        };
        drop(processes);
    }

    fn pass(&self, span: Duration) {
        let clients: Vec<_> = {
            let mut world = self.hub.world();
            world.pass(span);
            self.hub.time.pass(span);
            world.processes.values().map(|process| Arc::clone(&process.client)).collect()
        };
        clients.iter().for_each(|client| client.serving().clock_moved());
    }

    /// Returns in how long something is due: to the core, or to a server that is idle.
    fn next_deadline(&self) -> Option<Duration> {
        let world = self.hub.world();
        let core = world.core.next_deadline().map(|at| at.since(world.now.boot));
        let now = self.hub.time.now();
        let leaving = world.processes.values().filter_map(|process| process.leaves_at());
        let leaving = leaving.map(|at| at.saturating_duration_since(now)).filter(|left| !left.is_zero());
        core.into_iter().chain(leaving).min()
    }
}

impl World {
    fn pass(&mut self, span: Duration) {
        self.now = Moment { wall: self.now.wall.after(span), boot: self.now.boot.after(span) };
    }

    /// Tells the core that a deadline has passed, if one has.
    fn ring(&mut self) {
        if self.core.next_deadline().is_some_and(|at| at <= self.now.boot) {
            self.handle(Event::DeadlineReached);
        }
    }

    /// Starts the broker anew from what is recorded.
    fn boot_after(&mut self, off: Duration) {
        self.asleep = false;
        self.epoch += 1;
        self.now = Moment { wall: self.now.wall.after(off), boot: Boot(0) };
        self.core = Broker::new(self.settings.clone(), SEED, self.epoch).with_calendar(self.zones.clone());
        let stored = self.journal.load();
        let effects = self.core.recover(self.now, Some(self.boot()), stored);
        self.keep(effects);
        self.see_pinned();
        self.begin_session();
        self.ring();
    }

    /// Tells the core that the machine has booted.
    pub(super) fn begin_session(&mut self) {
        let boot = self.boot();
        self.handle(Event::Started { boot });
    }

    /// Names the machine's boot.
    fn boot(&self) -> Guid {
        Guid::from_u128(u128::from(self.epoch) + 1)
    }

    fn see_pinned(&mut self) {
        for (fact, value) in self.pinned.clone() {
            observe(self, fact, value);
        }
    }
}
