//! What happens to the machine of a test: time passes, it sleeps, reboots, loses power.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use oncue_core::{Boot, Broker, CancellationReason, Event, Guid, Moment, Wall};

use super::verbs::observe;
use super::world::{SEED, World};
use super::{TestBroker, TestError};
use crate::broker::scope::Scope;

/// How a session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SessionEnd {
    /// The user logs off. Runs are cancelled with
    /// [`LoggingOff`](crate::BackgroundTaskCancellationReason::LoggingOff).
    LogOff,
    /// The machine shuts down. Runs are cancelled with
    /// [`Terminating`](crate::BackgroundTaskCancellationReason::Terminating).
    Shutdown,
}

impl TestBroker {
    /// Advances time from one deadline to the next, and lets everything settle at each.
    ///
    /// # Errors
    /// Returns an error if the machine is asleep, or if something does not settle; time then stops
    /// where that happened.
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

    /// Sets the machine's time zone, such as `Europe/Berlin`; initially it is UTC.
    ///
    /// # Errors
    /// Returns [`TestError::Zone`] if the time zone does not exist, or an error if something does
    /// not settle.
    pub fn set_time_zone(&self, name: &str) -> Result<(), TestError> {
        self.act(|world| {
            world.zones.set(name)?;
            world.handle(Event::ClockSet { zone_changed: true });
            world.ring();
            Ok(())
        })
    }

    /// Sets the machine's wall clock. This does not affect deadlines that wait for a span of time.
    ///
    /// # Errors
    /// Returns an error if something does not settle.
    pub fn set_clock(&self, time: SystemTime) -> Result<(), TestError> {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.act(|world| {
            world.now.wall = Wall(0).after(since);
            world.handle(Event::ClockSet { zone_changed: false });
            world.ring();
            Ok(())
        })
    }

    /// Puts the machine to sleep: nothing happens until [`resume`](Self::resume). Requests of
    /// programs are refused in the meantime; their other messages are handled afterwards.
    ///
    /// # Errors
    /// Returns an error if the machine is already asleep, or if something does not settle.
    pub fn sleep(&self) -> Result<(), TestError> {
        self.act(|world| {
            world.handle(Event::GoingToSleep);
            world.asleep = true;
            Ok(())
        })
    }

    /// Wakes the machine, this long after it went to sleep. Whatever was due in the meantime is due
    /// now, once.
    ///
    /// # Errors
    /// Returns an error if the machine is awake, or if something does not settle.
    pub fn resume(&self, after: Duration) -> Result<(), TestError> {
        if !self.hub.world().asleep {
            return Err(TestError::Awake);
        }
        {
            let mut world = self.hub.world();
            // The clock for idle servers stands still while the machine sleeps.
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

    /// Ends the session: runs are cancelled, and have as much time as the system grants. No run
    /// begins until the machine has [rebooted](Self::reboot).
    ///
    /// # Errors
    /// Returns an error if something does not settle.
    pub fn end_session(&self, how: SessionEnd, within: Duration) -> Result<(), TestError> {
        let reason = match how {
            SessionEnd::LogOff => CancellationReason::LoggingOff,
            SessionEnd::Shutdown => CancellationReason::Terminating,
        };
        self.act(|world| {
            world.handle(Event::SessionEnding { reason, within: Some(within) });
            Ok(())
        })
    }

    /// Switches the machine off, and on again after a while. Everything that was recorded is kept.
    ///
    /// All programs end: their runs are `lost`, and the test's thread continues as the same program
    /// after a restart, so handlers have to be attached again.
    ///
    /// # Errors
    /// Returns an error if something does not settle.
    pub fn reboot(&self, off: Duration) -> Result<(), TestError> {
        self.settle()?;
        self.start_again(off);
        self.settle()
    }

    /// Cuts the power, and restores it after a while. This is like [`reboot`](Self::reboot), but
    /// the last change is undone if nobody has been told about it.
    ///
    /// Answers to programs, events received by handlers, and entries that the test has read from
    /// the [ledger](Self::ledger) are kept. So a run that nobody knows about yet may begin a second
    /// time.
    ///
    /// # Errors
    /// Returns an error if something does not settle.
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
                Scope(Some(Arc::clone(&process.client))).enter();
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
        clients.iter().for_each(|client| client.serving().wake());
    }

    /// Returns the time until the next deadline, of the core or of an idle server.
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

    /// Restarts the broker from its records.
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
        self.handle(Event::Started { session: boot });
    }

    /// Returns the id of the machine's boot.
    fn boot(&self) -> Guid {
        Guid::from_u128(u128::from(self.epoch) + 1)
    }

    fn see_pinned(&mut self) {
        for (fact, value) in self.pinned.clone() {
            observe(self, fact, value);
        }
    }
}
