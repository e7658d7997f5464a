//! A fact has changed, because a source saw it or a person pinned it: judge by it.

use crate::broker::Broker;
use crate::effect::{Answer, Effects};
use crate::fact::{FactKind, Facts, Observation};
use crate::moment::Moment;
use crate::reading::Reading;
use crate::refusal::Refusal;

impl Broker {
    pub(super) fn observed(&mut self, now: Moment, kind: FactKind, seen: Observation, out: &mut Effects) {
        let before = self.facts.clone();
        self.facts.observe(kind, seen);
        self.judge_by(now, kind, &before, out);
    }

    /// Lets a fact count as `value`, or as what is observed.
    pub(super) fn pin(
        &mut self,
        now: Moment,
        kind: FactKind,
        value: Option<Reading>,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        let before = self.facts.clone();
        match value {
            Some(value) if !kind.can_be(value) => return Err(Refusal::NoSuchReading { kind, value }),
            Some(value) => self.facts.pin(kind, value, now.wall),
            None => self.facts.unpin(kind),
        }
        self.judge_by(now, kind, &before, out);
        Ok(Answer::Done)
    }

    fn judge_by(&mut self, now: Moment, kind: FactKind, before: &Facts, out: &mut Effects) {
        if self.facts.reading(kind) != before.reading(kind) {
            self.judge_held(now, out);
            self.judge_running(now, before, out);
            self.save_energy(now, out);
            self.happened_by(now, kind, before, out);
        }
    }
}
