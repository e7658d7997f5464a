//! A world for the core: a broker, the store with its records, and both clocks under the test's
//! control.

pub(crate) mod hours;
mod store;

use std::time::Duration;

use oncue_core::{Boot, Broker, Effects, Event, Guid, Moment, Record, Settings, Stored, Wall};

use hours::Hours;
pub(crate) use store::Store;

/// When a world begins: some wall clock time, an hour after boot.
pub(crate) const BEGIN: Moment = Moment { wall: Wall(1_700_000_000_000_000), boot: Boot(3_600_000_000) };

/// A broker and its environment.
pub(crate) struct World {
    pub(crate) now: Moment,
    pub(crate) broker: Broker,
    pub(crate) store: Store,
    epoch: u32,
    /// Identifies the boot.
    boot: u128,
}

impl World {
    pub(crate) fn new(settings: Settings) -> Self {
        let mut world =
            Self { now: BEGIN, broker: broker(settings, 0), store: Store::default(), epoch: 0, boot: 1 };
        let effects = world.broker.recover(BEGIN, Some(Guid::from_u128(1)), Stored::default());
        world.store.apply(&effects.records);
        world
    }

    /// Passes an event to the broker. Its records are durable when this returns.
    pub(crate) fn handle(&mut self, event: Event) -> Effects {
        let effects = self.handle_unrecorded(event);
        self.store.apply(&effects.records);
        effects
    }

    /// Passes an event to the broker, and loses its records.
    pub(crate) fn handle_unrecorded(&mut self, event: Event) -> Effects {
        self.broker.handle(self.now, event)
    }

    /// Passes an event to the broker whose registrations the store cannot write. All other records
    /// are outstanding, and written before anything else. Returns the lost registrations.
    pub(crate) fn handle_unwritable(&mut self, event: Event) -> (Effects, Vec<Record>) {
        let mut effects = self.handle_unrecorded(event);
        let records = std::mem::take(&mut effects.records);
        let (lost, owed): (Vec<Record>, Vec<Record>) = records.into_iter().partition(Record::registers);
        self.store.apply(&owed);
        effects.records = owed;
        (effects, lost)
    }

    /// Returns the world at `now`, after this broker has died and another one has started from the
    /// stored state. If the boot clock has restarted, the machine was rebooted.
    pub(crate) fn after_crash(&self, now: Moment) -> (Self, Effects) {
        let epoch = self.epoch + 1;
        let boot = self.boot + u128::from(now.boot < self.now.boot);
        let mut broker = broker(self.broker.settings().clone(), epoch);
        let mut store = self.store.clone();
        let effects = broker.recover(now, Some(Guid::from_u128(boot)), store.stored.clone());
        store.apply(&effects.records);
        (Self { now, broker, store, epoch, boot }, effects)
    }

    /// Returns the moment of the next deadline, if it is not after `end`; never before now.
    pub(crate) fn next_deadline(&self, end: Moment) -> Option<Moment> {
        let at = self.broker.next_deadline()?.max(self.now.boot);
        (at <= end.boot).then(|| later(self.now, at.since(self.now.boot)))
    }
}

fn broker(settings: Settings, epoch: u32) -> Broker {
    Broker::new(settings, 7, epoch).with_calendar(Hours)
}

/// Returns the moment `span` later, if the clock is not set.
pub(crate) fn later(now: Moment, span: Duration) -> Moment {
    Moment { wall: now.wall.after(span), boot: now.boot.after(span) }
}
