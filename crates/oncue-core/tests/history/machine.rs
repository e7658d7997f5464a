//! The laws about sleep, the end of the session, the energy saver, short memory, and the machine's clock.

use std::time::Duration;

use oncue_core::{Access, Boot, Effect, Effects, FactKind, FamilyName, Pause, PauseScope, Stamp, Wall, When};

use super::book::Book;
use crate::world::World;

/// The state of the machine, and what the broker has told it.
#[derive(Default)]
pub(crate) struct Machine {
    pub(crate) asleep: bool,
    may_sleep: bool,
    pub(crate) session_ends: bool,
    may_end: bool,
    /// When all cancelled runs must have ended.
    ends_by: Option<Boot>,
    /// Until when memory counts as short.
    pub(crate) short_until: Option<Boot>,
}

impl World {
    /// Returns the wall clock's time at a stored instant, provided that it is not set before.
    pub(crate) fn wall_of(&self, stored: Stamp) -> Wall {
        let steady = self.broker.steady(self.now);
        Wall(self.now.wall.0 + stored.steady.0 - steady.0)
    }
}

impl World {
    /// Returns a pause as it is stored.
    pub(crate) fn pause_of(&self, scope: PauseScope) -> Option<Pause> {
        let (_, stored) = self.store.stored.pauses.iter().find(|(stored, _)| *stored == scope)?;
        let until = stored.until.map(|until| match until {
            When::Span(at) | When::Schedule(at) => self.wall_of(at),
        });
        Some(Pause { since: self.wall_of(stored.since), until })
    }
}

impl Machine {
    pub(crate) fn session_goes_on(&mut self, stopping: bool) {
        self.session_ends = false;
        self.may_end = false;
        if !stopping {
            self.ends_by = None;
        }
    }

    /// Returns the grace of a run that is cancelled now, if it would otherwise have `wanted`.
    pub(crate) fn grace(&self, now: Boot, wanted: Duration) -> Duration {
        self.ends_by.map_or(wanted, |by| wanted.min(by.since(now)))
    }
}

impl Book {
    /// The system waits until this time and no longer.
    pub(crate) fn grant(&mut self, until: Boot) {
        let until = self.machine.ends_by.map_or(until, |before| before.min(until));
        self.machine.ends_by = Some(until);
        for (at, grace) in self.runs.values_mut().filter_map(|run| run.told.as_mut()) {
            *grace = (*grace).min(until.since(*at));
        }
    }

    /// The machine wakes, and the limits of servers count again.
    pub(crate) fn wake(&mut self, slept: Duration) {
        self.machine.asleep = false;
        self.machine.may_sleep = false;
        for run in self.runs.values_mut() {
            run.began = run.began.after(slept);
            run.told = run.told.map(|(at, grace)| (at.after(slept), grace));
        }
        for server in self.servers.values_mut() {
            server.disconnected = server.disconnected.map(|at| at.after(slept));
        }
    }

    fn is_always_allowed(&self, package: &FamilyName) -> bool {
        self.access.get(package) == Some(&Access::Always)
    }

    pub(crate) fn is_saved(&self, world: &World, package: &FamilyName) -> bool {
        world.broker.facts().holds(FactKind::EnergySaver) && !self.is_always_allowed(package)
    }

    /// What must be true when a run begins.
    pub(crate) fn machine_allows(&self, world: &World, package: &FamilyName) {
        assert!(!self.machine.asleep, "nothing is activated while the machine goes to sleep");
        assert!(!self.machine.session_ends, "nothing is activated while the session ends");
        assert!(!self.is_saved(world, package), "nothing is activated against the energy saver");
        let short = self.machine.short_until.is_some_and(|until| world.now.boot < until);
        assert!(!short || self.is_always_allowed(package), "nothing is activated while memory is short");
    }

    /// The broker tells the machine each thing once, and only when it is true.
    pub(crate) fn lets_go(&mut self, effects: &Effects) {
        for effect in &effects.after {
            match effect {
                Effect::LetSleep => {
                    assert!(self.machine.asleep && !self.machine.may_sleep, "sleep is allowed once");
                    self.machine.may_sleep = true;
                }
                Effect::LetSessionEnd => {
                    assert!(self.machine.session_ends && !self.machine.may_end, "an end is allowed once");
                    self.machine.may_end = true;
                }
                _ => {}
            }
        }
    }

    /// What must be true about the machine between two steps.
    pub(crate) fn machine_waits_for_a_reason(&self, world: &World) {
        let on_its_way = self.runs.values().any(|run| !run.entered && run.told.is_none());
        let Machine { asleep, may_sleep, session_ends, may_end, .. } = self.machine;
        assert!(!asleep || may_sleep || on_its_way, "sleep waits for what is on its way only");
        assert!(!may_sleep || !on_its_way, "what is on its way arrives before sleep");
        assert!(!session_ends || may_end == self.runs.is_empty(), "the end waits for what runs only");
        for run in self.runs.values().filter(|run| self.is_saved(world, &run.package)) {
            assert!(run.told.is_some(), "what runs against the energy saver is told to cancel");
        }
    }
}
