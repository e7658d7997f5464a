//! When triggers that depend on time fire: the first time, the next time, and how often in between.

use oncue_types::{Boot, Moment, TaskSpec, Trigger, Wall};

use crate::broker::time::Time;
use crate::clocks::{FAR_BACK, Step};
use crate::due::{Due, When};

/// How many missed occurrences of a schedule are counted one by one.
const COUNTED: u32 = 1_000;

/// The occurrences of a trigger that have passed.
#[derive(Debug)]
pub(super) struct Passed {
    /// How many there are.
    pub(super) count: u32,
    /// When the first of them was due.
    pub(super) first: Wall,
    /// When the last of them was due.
    pub(super) last: Wall,
    /// When the next one is due.
    pub(super) next: Option<When>,
}

impl Time {
    /// Returns when a task fires first if it is registered now, provided that it depends on time.
    pub(super) fn first_due(&self, now: Moment, spec: &TaskSpec) -> Due<When> {
        let Some(trigger) = spec.live_trigger() else { return Due::OnEvent };
        match trigger.schedule() {
            Some(schedule) => Due::by_time(self.next(schedule, now.wall).map(When::Schedule)),
            None => {
                (trigger.period()).map_or(Due::OnEvent, |period| Due::At(When::Span(now.boot.after(period))))
            }
        }
    }

    /// Returns the occurrences that have passed of a trigger that is due.
    pub(super) fn passed(&self, now: Moment, trigger: &Trigger, when: When) -> Passed {
        match (trigger.schedule(), when) {
            (Some(schedule), When::Schedule(planned)) => self.occurrences(now, schedule, planned),
            (None, When::Schedule(planned)) => Passed::once(planned),
            (_, When::Span(at)) => spans(now, trigger, at),
        }
    }

    fn occurrences(&self, now: Moment, schedule: &str, planned: Wall) -> Passed {
        let next = |after| self.next(schedule, after);
        if planned > now.wall {
            // Enough real time has passed for it to have fired, whatever the wall clock shows.
            return Passed { next: next(now.wall).map(When::Schedule), ..Passed::once(now.wall) };
        }
        let (mut count, mut last) = (1, planned);
        let next = loop {
            match next(last) {
                Some(later) if later <= now.wall && count < COUNTED => (count, last) = (count + 1, later),
                Some(later) if later <= now.wall => break next(now.wall),
                later => break later,
            }
        };
        Passed { count, first: planned, last, next: next.map(When::Schedule) }
    }

    /// Returns when a schedule fires that was planned before something happened to the wall clock.
    pub(super) fn replan(&self, now: Moment, schedule: &str, planned: Wall, step: Step) -> Wall {
        let next = |after| self.next(schedule, after);
        let missed = planned <= now.wall;
        let keeps = match step {
            Step::Corrected => false,
            Step::Rezoned => missed,
            Step::Forward | Step::Nudged => true,
            Step::Back => missed || !self.is_wild(schedule),
        };
        if keeps && missed {
            return planned;
        }
        let from_now = next(now.wall).unwrap_or(planned);
        if !keeps || from_now == planned {
            return from_now;
        }
        // Only what occurs a second time because the clock was set back a little is skipped. The zone or its
        // rules may have changed unobserved.
        let is_near = next(Wall(now.wall.0.saturating_add(FAR_BACK))).is_none_or(|next| planned <= next);
        let still_comes = || next(Wall(planned.0.saturating_sub(1))) == Some(planned);
        if is_near && still_comes() { planned } else { from_now }
    }
}

impl Passed {
    fn once(at: Wall) -> Self {
        Self { count: 1, first: at, last: at, next: None }
    }
}

fn spans(now: Moment, trigger: &Trigger, at: Boot) -> Passed {
    let period = trigger.period().filter(|period| !trigger.is_one_shot() && !period.is_zero());
    let Some(period) = period else { return Passed::once(now.wall_at(at)) };
    let passed = now.boot.since(at).as_micros() / period.as_micros() + 1;
    let count = u32::try_from(passed).unwrap_or(u32::MAX);
    let last = at.after(period.saturating_mul(count - 1));
    let next = Some(When::Span(last.after(period)));
    Passed { count, first: now.wall_at(at), last: now.wall_at(last), next }
}
