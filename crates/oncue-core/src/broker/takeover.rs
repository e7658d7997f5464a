//! A newer program takes the broker's place at a moment at which no run is alive. No run is cancelled for it.
//!
//! Runs may follow each other without a gap. Then what fires is held for a short time, now and again, so that
//! there is one. It is not held for longer, because a run that is alive may last for days.

use core::time::Duration;

use oncue_types::Moment;

use crate::broker::Broker;
use crate::broker::machine::Life;
use crate::effect::{Effect, Effects};
use crate::timers::Timer;

/// Whether a newer program waits to take over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Takeover {
    /// None does.
    #[default]
    No,
    /// It waits until no run is alive.
    Waits,
    /// The same, and nothing new starts.
    Holds,
}

/// How long to wait for a moment without runs before nothing new starts.
const WAIT: Duration = Duration::from_secs(3_600);

/// For how long nothing new starts.
const HOLD: Duration = Duration::from_secs(60);

impl Broker {
    /// Handles that the program was replaced by a newer one.
    pub(super) fn replaced(&mut self, now: Moment) {
        if self.machine.takeover == Takeover::No {
            self.wait_for_gap(now);
        }
    }

    fn wait_for_gap(&mut self, now: Moment) {
        self.machine.takeover = Takeover::Waits;
        self.timers.set(Timer::Takeover, now.boot.after(WAIT));
    }

    /// Begins to hold what fires, or lets it run again.
    pub(super) fn look_for_gap(&mut self, now: Moment, out: &mut Effects) {
        match self.machine.takeover {
            Takeover::No => {}
            Takeover::Waits => {
                self.machine.takeover = Takeover::Holds;
                self.timers.set(Timer::Takeover, now.boot.after(HOLD));
            }
            Takeover::Holds => {
                self.wait_for_gap(now);
                self.judge_held(now, out);
            }
        }
    }

    /// Hands over if this is a moment at which nothing is lost: no run is alive, the machine stays as it is, no
    /// fact is simulated, and everything is recorded.
    pub(super) fn hand_over_when_quiet(&mut self, out: &mut Effects) {
        let machine = &self.machine;
        let is_wanted = machine.takeover != Takeover::No && machine.life == Life::Serves;
        let is_quiet = self.runs.is_empty() && !machine.is_asleep() && !machine.ends_session();
        if is_wanted && is_quiet && self.facts.pinned().next().is_none() && self.store.can_record().is_ok() {
            self.time.record(out);
            self.machine.life = Life::Left;
            self.kill_unneeded(out);
            out.after.push(Effect::HandOver);
        }
    }
}
