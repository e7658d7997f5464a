//! What this process serves: its classes and its current runs.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use oncue_types::{CancellationReason, Guid};
use oncue_wire::Activation;

use crate::broker::clock::Clock;
use crate::broker::link::Link;
use crate::broker::report;
use crate::broker::unreachable::Unreachable;
use crate::class::ClassFactory;
use crate::error::Error;
use crate::idle::{IdlePolicy, Leave};
use crate::instance::BackgroundTaskInstance;
use crate::lock::lock;
use crate::run::Run;
use crate::{task, worker};

/// After the broker has refused, when to ask again at the latest, because the run that prevented it
/// may have gone elsewhere.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// The classes and the runs; one instance per process.
pub(crate) struct Serving {
    state: Mutex<State>,
    changed: Condvar,
    clock: Clock,
}

/// What is served at the moment.
#[derive(Default)]
pub(crate) struct State {
    classes: HashMap<Guid, (u64, Arc<dyn ClassFactory>)>,
    offers: u64,
    runs: HashMap<Guid, Arc<Run>>,
    ended: u64,
    idle_since: Option<Instant>,
    vanished: Option<Error>,
    /// Whether anybody waits for runs to end; otherwise their end wakes no thread.
    awaited: bool,
    /// How the server waits, once it does.
    pub(crate) waits: Option<Waits>,
}

/// Until when a server waits for runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waits {
    until: IdlePolicy,
    /// The last refusal of the broker to let it leave.
    stay: Option<Stay>,
}

/// What a waiting server should do next.
pub(crate) enum Next {
    /// Ask the broker whether it may leave; `ended` is the number of runs that have ended.
    AskToLeave { ended: u64 },
    /// Stop, because the broker is gone.
    Vanished(Error),
}

/// What a server knew when it asked to leave and the broker refused.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stay {
    ended: u64,
    until: Instant,
}

impl Stay {
    /// Runs that ended after it asked count as new, even if they ended before the answer was read.
    pub(crate) fn told(ended: u64, now: Instant) -> Self {
        Self { ended, until: now + ASK_AGAIN }
    }
}

impl Serving {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { state: Mutex::default(), changed: Condvar::new(), clock }
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Makes waiting threads look at the state and the clock again.
    pub(crate) fn wake(&self) {
        drop(self.state());
        self.changed.notify_all();
    }

    /// Adds a class before the broker knows about it, because activations may arrive before its
    /// answer.
    pub(crate) fn offer(&self, class: Guid, factory: Arc<dyn ClassFactory>) -> u64 {
        let mut state = self.state();
        state.offers += 1;
        let offer = state.offers;
        state.classes.insert(class, (offer, factory));
        state.idle_since.get_or_insert_with(|| self.clock.now());
        offer
    }

    /// Removes a class, unless a later registration has replaced it.
    pub(crate) fn withdraw(&self, class: Guid, offer: u64) {
        let mut state = self.state();
        if state.classes.get(&class).is_some_and(|(latest, _)| *latest == offer) {
            state.classes.remove(&class);
        }
    }

    /// Announces a run, and starts it on its own thread.
    pub(crate) fn begin(self: &Arc<Self>, activation: Activation, link: &Link) {
        let class = activation.class_id;
        let factory = self.state().classes.get(&class).map(|(_, factory)| Arc::clone(factory));
        let Some(factory) = factory else {
            let error = format!("this task server has no class {class}");
            return report::failed(link, activation.instance_id, error);
        };
        let run = Arc::new(report::run(activation, link, self));
        self.state().runs.insert(run.id, Arc::clone(&run));
        let entered = Entered { run: Some(Arc::clone(&run)) };
        // The broker hears of the run before the run's own thread can report anything.
        report::entered(link, &run);
        report::on_worker(&self.clock, move || entered.perform(&*factory));
    }

    /// Cancels a run, unless it has already ended.
    pub(crate) fn cancel(&self, instance: Guid, reason: CancellationReason) {
        let run = self.state().runs.get(&instance).cloned();
        if let Some(run) = run {
            run.cancel(reason);
        }
    }

    /// Removes a run that has ended.
    pub(crate) fn ended(&self, instance: Guid) {
        let mut state = self.state();
        if state.runs.remove(&instance).is_some() {
            state.ended += 1;
            state.idle_since = Some(self.clock.now());
            if state.awaited && state.runs.is_empty() {
                self.changed.notify_all();
            }
        }
    }

    /// Called when the broker is gone; cancels all runs, which nobody follows any more.
    pub(crate) fn vanished(&self, why: &Error) {
        let runs: Vec<_> = {
            let mut state = self.state();
            state.vanished = Some(why.clone());
            state.runs.values().cloned().collect()
        };
        self.wake();
        for run in runs {
            run.cancel(CancellationReason::Terminating);
        }
    }

    /// Waits until the policy permits the server to ask, or until the broker at `link` is gone.
    pub(crate) fn wait(&self, link: &Link, until: IdlePolicy, stay: Option<Stay>) -> Next {
        let mut state = self.state();
        state.awaited |= until != IdlePolicy::Never;
        loop {
            if link.is_broken() {
                let why = state.vanished.clone();
                return Next::Vanished(why.unwrap_or_else(|| Unreachable::Broke.into()));
            }
            state.waits = Some(Waits { until, stay });
            self.clock.0.waits();
            let now = self.clock.now();
            let leaves_at = state.leaves_at(now);
            if leaves_at.is_some_and(|at| at <= now) {
                return Next::AskToLeave { ended: state.ended };
            }
            state = self.clock.wait(&self.changed, state, leaves_at);
        }
    }

    /// Waits until no run is in progress, for at most this long.
    pub(crate) fn drain(&self, within: Duration) {
        let until = Instant::now() + within;
        let mut state = self.state();
        state.awaited = true;
        while !state.runs.is_empty() && Instant::now() < until {
            let left = until.saturating_duration_since(Instant::now());
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl State {
    /// Returns when the waiting server may ask to leave if nothing changes until then.
    pub(crate) fn leaves_at(&self, now: Instant) -> Option<Instant> {
        let Waits { until, stay } = self.waits?;
        if !self.runs.is_empty() {
            return None;
        }
        let due = match until.leave(self.ended, self.idle_since, now) {
            Leave::Never => return None,
            Leave::At(due) => due,
            Leave::Now => now,
        };
        let held = stay.filter(|stay| stay.ended == self.ended).map(|stay| stay.until);
        Some(held.map_or(due, |held| due.max(held)))
    }
}

/// A run whose entry has been announced. Whatever happens, its part `run` ends.
struct Entered {
    run: Option<Arc<Run>>,
}

impl Entered {
    fn perform(mut self, factory: &dyn ClassFactory) {
        let Some(run) = self.run.take() else { return };
        let instance = BackgroundTaskInstance::new(Arc::clone(&run));
        let work = || factory.create_instance()?.run(&instance);
        let error = match catch_unwind(AssertUnwindSafe(work)) {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(task::error_text(&error)),
            Err(panic) => Some(worker::panic_text(&*panic)),
        };
        run.part_ended(error);
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        if let Some(run) = self.run.take() {
            run.part_ended(Some("no thread to run the task on".to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_to_which_nothing_came_leaves_after_a_while() {
        let now = Instant::now();
        let leaves_in = |seconds, until| {
            let state = State {
                idle_since: now.checked_sub(Duration::from_secs(seconds)),
                waits: Some(Waits { until, stay: None }),
                ..State::default()
            };
            state.leaves_at(now).map(|at| at.saturating_duration_since(now))
        };
        let until = IdlePolicy::AfterFirstCompletion;
        assert_eq!(leaves_in(10, until), Some(Duration::from_secs(20)));
        assert_eq!(leaves_in(31, until), Some(Duration::ZERO));
        assert_eq!(leaves_in(31, IdlePolicy::Never), None);
    }
}
