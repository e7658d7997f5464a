//! A shortage of the broker's own: no descriptor, no process, no memory is left to start a server or to
//! hear one. What needs a server waits, and nobody is blamed for it.

use alloc::string::String;
use core::time::Duration;

use crate::broker::Broker;
use crate::effect::Effects;
use crate::id::{InstanceId, ServerId};
use crate::moment::{Boot, Moment};
use crate::run::RunState;
use crate::task::{Begun, Firing, Phase, Task};
use crate::timers::Timer;

/// How long nothing is started after the first failure; twice as long after each further one.
const FIRST: Duration = Duration::from_secs(1);
/// How long at most.
const LONGEST: Duration = Duration::from_secs(60);

/// A shortage, from when it was seen until a server has come up again.
#[derive(Debug, Default)]
pub(super) struct Shortage {
    /// What is short.
    why: String,
    /// How often the broker has backed off because of it.
    times: u32,
    /// When it was last seen.
    seen: Boot,
    /// Nothing is started at the moment.
    blocks: bool,
}

impl Broker {
    /// Something is short: whatever needs a server that is not up waits, and so does what `server` was
    /// started for, if it could not be started because of that.
    pub(super) fn short(&mut self, now: Moment, server: Option<ServerId>, why: String, out: &mut Effects) {
        let shortage = self.shortage.get_or_insert_with(Shortage::default);
        (shortage.why, shortage.seen) = (why, now.boot);
        self.back_off(now);
        let Some(id) = server else { return };
        self.timers.clear(Timer::Exit(id));
        let Some(gone) = self.servers.remove(id) else { return };
        for instance in gone.runs {
            self.wait_again(now, instance, out);
        }
    }

    /// Starts nothing for a while.
    fn back_off(&mut self, now: Moment) {
        let Some(shortage) = self.shortage.as_mut().filter(|shortage| !shortage.blocks) else {
            return;
        };
        let wait = FIRST.saturating_mul(1 << shortage.times.min(6)).min(LONGEST);
        shortage.times = shortage.times.saturating_add(1);
        shortage.blocks = true;
        self.timers.set(Timer::Shortage, now.boot.after(wait), Duration::ZERO);
    }

    /// It is time to try again.
    pub(super) fn try_starting(&mut self, now: Moment, out: &mut Effects) {
        if let Some(shortage) = &mut self.shortage {
            shortage.blocks = false;
        }
        self.judge_held(now, out);
    }

    /// A server that was started has come up: nothing is short any more.
    pub(super) fn nothing_is_short(&mut self) {
        self.shortage.take_if(|shortage| !shortage.blocks);
    }

    /// Returns what is short, if that keeps a task from running.
    pub(super) fn short_for(&self, task: &Task) -> Option<&str> {
        let shortage = self.shortage.as_ref().filter(|shortage| shortage.blocks)?;
        (!self.servers.serves(&task.package, task.spec.class)).then_some(&*shortage.why)
    }

    /// Lets a run wait again whose server did not come up, if a shortage may have kept it from that: the
    /// broker may not have been able to hear it. Returns whether it does.
    pub(super) fn was_short(&mut self, now: Moment, instance: InstanceId, out: &mut Effects) -> bool {
        let lately = |shortage: &Shortage| now.boot.since(shortage.seen) <= self.settings.activation_timeout;
        let waits = self.runs.get(&instance).is_some_and(|run| run.state == RunState::Waiting);
        if !waits || !self.shortage.as_ref().is_some_and(lately) {
            return false;
        }
        self.back_off(now);
        self.wait_again(now, instance, out)
    }

    /// Lets a run wait again that no server has; returns whether it does.
    fn wait_again(&mut self, now: Moment, instance: InstanceId, out: &mut Effects) -> bool {
        let Some(run) = self.runs.get(&instance).filter(|run| run.state == RunState::Waiting) else {
            return false;
        };
        let id = run.task;
        let Some(task) = self.tasks.get_mut(&id) else {
            return false;
        };
        let next = match core::mem::replace(&mut task.phase, Phase::Armed) {
            Phase::Active { next, .. } => next,
            Phase::Armed | Phase::Held { .. } => None,
        };
        self.unassign(now, instance);
        let Some(run) = self.runs.remove(&instance) else {
            return false;
        };
        self.timers.clear(Timer::Activation(instance));
        let begun = Some(Begun { run: instance, firings: run.firing.count });
        let firing = Firing { begun, ..run.firing };
        let firing = match next {
            Some(later) => firing.and(&later),
            None => firing,
        };
        self.hold(id, firing, now.boot);
        self.run_or_wait(now, id, out);
        true
    }
}
