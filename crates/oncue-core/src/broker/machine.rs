//! The state of the machine: it goes to sleep, ends the session, saves energy, or is short of memory.
//!
//! If the broker delays sleep or shutdown, the system is told once when it no longer has to wait.

use core::time::Duration;

use oncue_types::{Access, Boot, CancellationReason, FactKind, FamilyName, Moment, Wall};

use crate::broker::Broker;
use crate::broker::shortage::Obstacles;
use crate::broker::takeover::Takeover;
use crate::effect::{Effect, Effects};
use crate::run::{Decider, Run, RunState};
use crate::timers::Timer;

/// The state of the machine and of the broker itself, which may keep everything from running.
#[derive(Debug, Default)]
pub(super) struct Machine {
    /// Whether the broker is about to end.
    pub(super) life: Life,
    /// Whether a newer program waits to take the broker's place.
    pub(super) takeover: Takeover,
    /// What keeps servers from being started.
    pub(super) obstacles: Obstacles,
    /// The machine goes to sleep, or sleeps.
    sleep: Option<Delay>,
    /// The session is ending, unless that is called off.
    session_end: Option<Delay>,
    /// Whether the user is logged in, once that was observed.
    pub(super) logged_in: Option<bool>,
    /// When cancelled runs must have ended, because the system waits no longer.
    ends_by: Option<Boot>,
    /// The machine was short of memory a moment ago.
    memory_short: bool,
}

/// Whether the broker is about to end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Life {
    /// It is not about to end.
    #[default]
    Serves,
    /// It ends as soon as no run is alive.
    Stops,
    /// It has announced that it leaves.
    Left,
}

impl Life {
    pub(super) fn stop(&mut self) {
        if *self == Self::Serves {
            *self = Self::Stops;
        }
    }
}

/// Whether the system waits for the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Delay {
    /// It waits.
    Waits,
    /// It was told to continue.
    LetGo,
}

/// For how long no task is activated after memory was short.
const BREATHER: Duration = Duration::from_secs(30);

impl Machine {
    pub(super) fn is_asleep(&self) -> bool {
        self.sleep.is_some()
    }

    pub(super) fn ends_session(&self) -> bool {
        self.session_end.is_some()
    }

    pub(super) fn is_short_of_memory(&self) -> bool {
        self.memory_short
    }

    /// Notes that the machine is about to sleep: nothing is activated from now on, and runs continue.
    pub(super) fn going_to_sleep(&mut self) {
        self.sleep.get_or_insert(Delay::Waits);
    }

    /// Limits the grace of every run to what the system grants.
    fn end_by(&mut self, by: Boot) {
        self.ends_by = Some(self.ends_by.map_or(by, |before| before.min(by)));
    }

    /// Returns the grace that a run gets now, given the one that it wants.
    pub(super) fn grace(&self, now: Moment, wanted: Duration) -> Duration {
        self.ends_by.map_or(wanted, |by| wanted.min(by.since(now.boot)))
    }
}

impl Broker {
    /// Handles that the machine woke after this time, or did not sleep after all. Servers could not use that
    /// time.
    pub(super) fn woke(&mut self, now: Moment, slept: Duration, out: &mut Effects) {
        self.machine.sleep = None;
        self.timers.spare_servers(slept);
        self.deadlines(now, out);
        self.judge_held(now, out);
    }

    /// Handles that the session is about to end: runs are cancelled and nothing is activated, but the broker
    /// stays, because the end may be called off.
    pub(super) fn session_ends(
        &mut self,
        now: Moment,
        reason: CancellationReason,
        within: Option<Duration>,
        out: &mut Effects,
    ) {
        self.time.record(out);
        self.machine.session_end.get_or_insert(Delay::Waits);
        self.cancel_all(now, reason, within, out);
    }

    /// Handles that the end of the session was called off.
    pub(super) fn session_goes_on(&mut self, now: Moment, out: &mut Effects) {
        self.machine.session_end = None;
        if self.machine.life == Life::Serves {
            self.machine.ends_by = None;
            self.judge_held(now, out);
        }
    }

    /// Cancels every run, with at most the time that the system grants.
    pub(super) fn cancel_all(
        &mut self,
        now: Moment,
        reason: CancellationReason,
        within: Option<Duration>,
        out: &mut Effects,
    ) {
        if let Some(by) = within.map(|within| now.boot.after(within)) {
            self.machine.end_by(by);
        }
        let by = if reason == CancellationReason::LoggingOff { Decider::LogOff } else { Decider::Shutdown };
        self.cancel_all_that(now, by, |_, _| true, out);
    }

    /// Cancels every run for which `is` returns true.
    pub(super) fn cancel_all_that(
        &mut self,
        now: Moment,
        by: Decider,
        is: impl Fn(&Self, &Run) -> bool,
        out: &mut Effects,
    ) {
        for instance in self.runs.ids(|run| is(self, run)) {
            self.cancel_if_alive(now, instance, by, out);
        }
    }

    /// Tells the system that it no longer has to wait: with sleep, once every delivered run has been entered;
    /// with the end of the session, once no run is alive.
    pub(super) fn let_go(&mut self, out: &mut Effects) {
        let on_its_way = |state| matches!(state, RunState::Waiting | RunState::Delivered);
        if self.machine.sleep == Some(Delay::Waits) && !self.runs.iter().any(|run| on_its_way(run.state)) {
            self.machine.sleep = Some(Delay::LetGo);
            out.after.push(Effect::LetSleep);
        }
        if self.machine.session_end == Some(Delay::Waits) && self.runs.is_empty() {
            self.machine.session_end = Some(Delay::LetGo);
            out.after.push(Effect::LetSessionEnd);
        }
    }

    /// Returns whether the energy saver keeps a package's tasks from running.
    pub(super) fn is_saved(&self, package: &FamilyName) -> bool {
        self.facts.holds(FactKind::EnergySaver) && self.access(package) != Access::Always
    }

    /// Cancels what the energy saver forbids.
    pub(super) fn save_energy(&mut self, now: Moment, out: &mut Effects) {
        self.cancel_all_that(now, Decider::EnergySaver, |broker, run| broker.is_saved(&run.package), out);
    }

    /// Handles a shortage of memory: the run that has done least is cancelled, and none begins for a while.
    pub(super) fn memory_short(&mut self, now: Moment, out: &mut Effects) {
        self.machine.memory_short = true;
        self.timers.set(Timer::Breather, now.boot.after(BREATHER));
        let told = |state| matches!(state, RunState::Cancelling { .. } | RunState::Killing { .. });
        let youngest = (self.runs.iter())
            .filter(|run| !told(run.state) && self.access(&run.package) != Access::Always)
            .max_by_key(|run| run.started_at.unwrap_or(Wall(i64::MAX)))
            .map(|run| run.instance);
        if let Some(instance) = youngest {
            self.cancel_if_alive(now, instance, Decider::Resources, out);
        }
    }

    pub(super) fn memory_eased(&mut self, now: Moment, out: &mut Effects) {
        self.machine.memory_short = false;
        self.judge_held(now, out);
    }
}
