//! Events that may concern many tasks: a fact changes, a signal is raised, a session begins.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use oncue_types::{
    Access, Answer, ApplicationResult, Boot, Cause, Details, FactKind, Facts, FamilyName, Firing, Guid,
    Moment, Observation, Reading, Refusal, SystemEvent, TaskId, Trigger, Watch,
};

use crate::broker::Broker;
use crate::broker::circle::Wait;
use crate::effect::{Effect, Effects};
use crate::record::Record;
use crate::tasks::TaskKey;
use crate::timers::Timer;
use crate::wake::Wake;

impl Broker {
    /// Handles a fact that a source has observed.
    pub(super) fn observed(&mut self, now: Moment, kind: FactKind, seen: Observation, out: &mut Effects) {
        let before = self.facts.clone();
        self.facts.observe(kind, seen);
        self.judge_by(now, kind, &before, out);
    }

    /// Simulates a fact as `value`, or uses its observed value again.
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
        if self.facts.reading(kind) == before.reading(kind) {
            return;
        }
        self.judge_held(now, out);
        self.judge_running(now, before, out);
        self.save_energy(now, out);
        // The first observation is not a change.
        if before.is_known(kind) {
            for event in events(kind, before, &self.facts) {
                self.happened(now, event, out);
            }
        }
    }

    /// Fires the tasks that wait for an event of the machine or its session.
    pub(super) fn happened(&mut self, now: Moment, event: SystemEvent, out: &mut Effects) {
        self.fire_woken(now, &Wake::System(event), out);
    }

    /// Fires the tasks of an updated package that wait for the end of an update.
    pub(super) fn serviced(&mut self, now: Moment, package: &FamilyName, out: &mut Effects) {
        for key in self.woken_of(&Wake::System(SystemEvent::ServicingComplete), Some(package)) {
            self.fire(now, key, Firing::once(now.wall, Cause::Trigger), out);
        }
    }

    /// Handles the start of the broker. The first start in a session fires what waits for one.
    pub(super) fn started(&mut self, now: Moment, session: Guid, out: &mut Effects) {
        if self.time.session_begins(session) {
            out.records.push(Record::SessionBegan(session));
            self.fire_woken(now, &Wake::Startup, out);
        }
    }

    /// Handles whether the user is logged in. Only a first session after there was none is a log-in: what was
    /// so before the broker looked is not.
    pub(super) fn logged_in(&mut self, now: Moment, is: bool, out: &mut Effects) {
        if self.machine.logged_in.replace(is) == Some(false) && is {
            self.fire_woken(now, &Wake::Startup, out);
        }
    }

    /// Raises an event with this name, for one package or for all.
    pub(super) fn signal(
        &mut self,
        now: Moment,
        id: &Arc<str>,
        package: Option<&FamilyName>,
        arguments: Vec<String>,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        self.open_for_new()?;
        let details = details(arguments);
        let mut fired = 0;
        for key in self.woken_of(&Wake::Signal(id.clone()), package) {
            let task = &mut self.tasks[key];
            let once = matches!(task.trigger(), Trigger::Signal { once: true, .. });
            if once && core::mem::replace(&mut task.spent, true) {
                continue;
            }
            fired += 1;
            let details = details.clone();
            self.fire(now, key, Firing { details, ..Firing::once(now.wall, Cause::Trigger) }, out);
        }
        Ok(Answer::Signalled(fired))
    }

    /// Handles an app's request for a run of a task that has an `ApplicationTrigger`.
    pub(super) fn request_application(
        &mut self,
        now: Moment,
        id: TaskId,
        arguments: Vec<String>,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        self.open_for_new()?;
        let key = self.tasks.asked(id)?;
        let task = &self.tasks[key];
        if *task.trigger() != Trigger::Application {
            return Err(Refusal::OtherTrigger {
                name: task.spec().name.as_ref().into(),
                trigger: alloc::string::ToString::to_string(task.trigger()),
            });
        }
        let package = self.tasks.package_of(task);
        let result = if self.access(package) == Access::Denied || self.is_saved(package) {
            ApplicationResult::DisabledByPolicy
        } else if task.is_armed() {
            let firing = Firing { details: details(arguments), ..Firing::once(now.wall, Cause::Trigger) };
            self.fire(now, key, firing, out);
            ApplicationResult::Allowed
        } else {
            ApplicationResult::CurrentlyRunning
        };
        Ok(Answer::Requested(result))
    }

    /// Handles what a source has observed on behalf of a task.
    pub(super) fn noticed(
        &mut self,
        now: Moment,
        id: TaskId,
        count: u32,
        during: Option<(Boot, Boot)>,
        told: Details,
        out: &mut Effects,
    ) {
        let Some(key) = self.tasks.key(id) else { return };
        let wait = self.circles.changed(id, during);
        self.wait_for_circle(key, wait);
        if count > 0 && self.tasks[key].watch().is_some() {
            let details = (told != Details::default()).then(|| Arc::new(told));
            self.fire(now, key, Firing { count, details, ..Firing::once(now.wall, Cause::Trigger) }, out);
        }
    }

    /// Notes whether a source can watch what a task waits for.
    pub(super) fn troubled(&mut self, id: TaskId, why: Option<String>, out: &mut Effects) {
        let Some(key) = self.tasks.key(id) else { return };
        let known = &mut self.tasks[key].trouble;
        if known.as_deref() != why.as_deref() {
            *known = why.map(String::into_boxed_str);
            self.tasks.announce_change(key, out);
        }
    }

    /// Starts or stops watching what a task waits for, if that needs a source.
    pub(super) fn look_out(&mut self, key: TaskKey, before: Option<&Arc<Watch>>, out: &mut Effects) {
        let task = &mut self.tasks[key];
        if before == task.watch() {
            return;
        }
        task.trouble = None;
        self.circles.forget(task.id());
        self.timers.clear(Timer::Circle(key));
        out.at_once.push(match task.watch() {
            Some(watch) => Effect::Watch { task: task.id(), watch: watch.clone() },
            None => Effect::Unwatch { task: task.id() },
        });
    }

    /// Makes the next run of a task wait, or no longer wait.
    pub(super) fn wait_for_circle(&mut self, key: TaskKey, wait: Wait) {
        match wait {
            Wait::Unchanged => {}
            Wait::Until(at) => self.timers.set(Timer::Circle(key), at),
            Wait::Over => self.timers.clear(Timer::Circle(key)),
        }
    }

    /// Handles a task that fired itself and has waited long enough.
    pub(super) fn circle_waited(&mut self, now: Moment, key: TaskKey, out: &mut Effects) {
        self.circles.has_waited(self.tasks[key].id());
        self.judge(now, key, out);
    }

    /// Returns the tasks that wait for this, of one package or of all.
    fn woken_of(&self, wake: &Wake, package: Option<&FamilyName>) -> Vec<TaskKey> {
        let is_of = |key: &TaskKey| package.is_none_or(|of| self.tasks.package_of(&self.tasks[*key]) == of);
        let mut woken = self.tasks.woken_by(wake);
        woken.retain(is_of);
        woken
    }

    fn fire_woken(&mut self, now: Moment, wake: &Wake, out: &mut Effects) {
        for key in self.tasks.woken_by(wake) {
            self.fire(now, key, Firing::once(now.wall, Cause::Trigger), out);
        }
    }
}

fn details(arguments: Vec<String>) -> Option<Arc<Details>> {
    (!arguments.is_empty()).then(|| Arc::new(Details::of(arguments)))
}

/// Returns the events that a change of this fact means.
fn events(kind: FactKind, before: &Facts, after: &Facts) -> Vec<SystemEvent> {
    let became = |value: bool| after.holds(kind) == value && before.holds(kind) != value;
    let cost = before.work_cost() != after.work_cost();
    let low = before.battery_is_low() != after.battery_is_low();
    let possible = match kind {
        FactKind::Internet => [
            (became(true), SystemEvent::InternetAvailable),
            (became(true) || became(false), SystemEvent::NetworkStateChange),
        ]
        .to_vec(),
        FactKind::FreeNetwork => [(became(true) || became(false), SystemEvent::NetworkStateChange)].to_vec(),
        FactKind::UserPresent => [
            (became(true), SystemEvent::UserPresent),
            (became(false), SystemEvent::UserAway),
            (cost, SystemEvent::BackgroundWorkCostChange),
        ]
        .to_vec(),
        FactKind::SessionConnected => [(became(true), SystemEvent::SessionConnected)].to_vec(),
        FactKind::OnAc => [
            (became(true) || became(false), SystemEvent::PowerStateChange),
            (cost, SystemEvent::BackgroundWorkCostChange),
        ]
        .to_vec(),
        FactKind::Battery => [(low, SystemEvent::PowerStateChange)].to_vec(),
        FactKind::StorageNotLow | FactKind::EnergySaver => Vec::new(),
    };
    possible.into_iter().filter(|(is_so, _)| *is_so).map(|(_, event)| event).collect()
}
