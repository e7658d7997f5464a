//! A world for the core: a broker, the store that keeps its records, and both clocks in the test's hand.

pub(crate) mod hours;
mod store;

use std::time::Duration;

use oncue_core::{Boot, Broker, Effects, Event, Guid, Moment, Record, Settings, Stored, Wall};

use hours::Hours;
pub(crate) use store::Store;

/// When a world begins: some wall-clock time, an hour after boot.
pub(crate) const BEGIN: Moment = Moment { wall: Wall(1_700_000_000_000_000), boot: Boot(3_600_000_000) };

/// A broker and what surrounds it.
pub(crate) struct World {
    pub(crate) now: Moment,
    pub(crate) broker: Broker,
    pub(crate) store: Store,
    epoch: u32,
    /// Names the boot.
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

    /// Lets the broker take in an event; what it records is durable when this returns.
    pub(crate) fn handle(&mut self, event: Event) -> Effects {
        let effects = self.handle_unrecorded(event);
        self.store.apply(&effects.records);
        effects
    }

    /// Lets the broker take in an event, and loses what it records.
    pub(crate) fn handle_unrecorded(&mut self, event: Event) -> Effects {
        self.broker.handle(self.now, event)
    }

    /// Lets the broker take in an event whose registrations the store cannot write; all else that it
    /// records is owed, and written before anything else. Returns the registrations that are lost.
    pub(crate) fn handle_unwritable(&mut self, event: Event) -> (Effects, Vec<Record>) {
        let mut effects = self.handle_unrecorded(event);
        let records = std::mem::take(&mut effects.records);
        let lost =
            |record: &Record| matches!(record, Record::TaskRegistered { .. } | Record::TaskReplaced { .. });
        let (lost, owed): (Vec<Record>, Vec<Record>) = records.into_iter().partition(lost);
        self.store.apply(&owed);
        effects.records = owed;
        (effects, lost)
    }

    /// The world at `now`, after this broker died and another took up what is stored; when the boot
    /// clock has begun anew, the machine was rebooted.
    pub(crate) fn after_crash(&self, now: Moment) -> (Self, Effects) {
        let epoch = self.epoch + 1;
        let boot = self.boot + u128::from(now.boot < self.now.boot);
        let mut broker = broker(self.broker.settings().clone(), epoch);
        let mut store = self.store.clone();
        let effects = broker.recover(now, Some(Guid::from_u128(boot)), store.tables.stored());
        store.apply(&effects.records);
        (Self { now, broker, store, epoch, boot }, effects)
    }

    /// The moment of the next deadline, if it comes no later than `end`; never before now.
    pub(crate) fn next_deadline(&self, end: Moment) -> Option<Moment> {
        let at = self.broker.next_deadline()?.max(self.now.boot);
        (at <= end.boot).then(|| later(self.now, at.since(self.now.boot)))
    }
}

fn broker(settings: Settings, epoch: u32) -> Broker {
    Broker::new(settings, 7, epoch).with_calendar(Hours)
}

/// The moment `span` later, nobody having set the clock.
pub(crate) fn later(now: Moment, span: Duration) -> Moment {
    Moment { wall: now.wall.after(span), boot: now.boot.after(span) }
}
