//! Things happen that may concern many tasks: to the machine, by a signal, at the start of a session.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::broker::Broker;
use crate::details::Details;
use crate::effect::{Answer, ApplicationResult, Effect, Effects, Notice};
use crate::fact::{FactKind, Facts};
use crate::guid::Guid;
use crate::id::TaskId;
use crate::moment::Moment;
use crate::package::FamilyName;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::task::{Cause, Firing, Task};
use crate::trigger::{SystemEvent, Trigger, Wake, Watch};

impl Broker {
    /// Something happened to the machine or its session.
    pub(super) fn happened(&mut self, now: Moment, event: SystemEvent, out: &mut Effects) {
        self.fire_woken(now, &Wake::System(event), None, out);
    }

    /// A package was updated; its tasks alone are told.
    pub(super) fn serviced(&mut self, now: Moment, package: &FamilyName, out: &mut Effects) {
        let theirs: Vec<TaskId> = self
            .woken_by(&Wake::System(SystemEvent::ServicingComplete))
            .filter(|id| self.tasks.get(id).is_some_and(|task| task.package == *package))
            .collect();
        for id in theirs {
            self.fire(now, id, Firing::once(now.wall, Cause::Trigger), out);
        }
    }

    /// The broker is up, in the boot of that id; the first time in a boot, a session has begun.
    pub(super) fn started(&mut self, now: Moment, boot: Guid, out: &mut Effects) {
        if let Some(clocks) = &mut self.clocks {
            clocks.boot.get_or_insert(boot);
        }
        if self.booted == Some(boot) {
            return;
        }
        self.booted = Some(boot);
        out.records.push(Record::Booted(boot));
        self.fire_woken(now, &Wake::Startup, None, out);
    }

    /// Somebody raises an event of that name, for one package or for all.
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
        let theirs: Vec<TaskId> = self
            .woken_by(&Wake::Signal(id.clone()))
            .filter(|id| {
                let of = self.tasks.get(id).map(|task| &task.package);
                package.is_none() || of == package
            })
            .collect();
        let mut fired = 0;
        for id in theirs {
            let once = matches!(
                self.tasks.get(&id).map(|task| &task.spec.trigger),
                Some(Trigger::Signal { once: true, .. })
            );
            if once && !self.spent.insert(id) {
                continue;
            }
            fired += 1;
            self.fire(
                now,
                id,
                Firing { details: details.clone(), ..Firing::once(now.wall, Cause::Trigger) },
                out,
            );
        }
        Ok(Answer::Signalled(fired))
    }

    /// An app asks for a run of a task that has an `ApplicationTrigger`.
    pub(super) fn request_application(
        &mut self,
        now: Moment,
        id: TaskId,
        arguments: Vec<String>,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        self.open_for_new()?;
        let task = self.tasks.get(&id).ok_or(Refusal::UnknownTask(id))?;
        if task.spec.trigger != Trigger::Application {
            return Err(Refusal::OtherTrigger {
                name: task.spec.name.as_ref().into(),
                trigger: alloc::string::ToString::to_string(&task.spec.trigger),
            });
        }
        let forbidden = self.access(&task.package) == crate::Access::Denied || self.is_saved(&task.package);
        let result = if forbidden {
            ApplicationResult::DisabledByPolicy
        } else if task.instance().is_some() || task.waiting().is_some() {
            ApplicationResult::CurrentlyRunning
        } else {
            let firing = Firing { details: details(arguments), ..Firing::once(now.wall, Cause::Trigger) };
            self.fire(now, id, firing, out);
            ApplicationResult::Allowed
        };
        Ok(Answer::Requested(result))
    }

    /// A source saw what it looks out for, for that task.
    pub(super) fn noticed(&mut self, now: Moment, id: TaskId, count: u32, told: Details, out: &mut Effects) {
        let watches = |task: &Task| matches!(task.spec.trigger, Trigger::Watch(_));
        if count > 0 && self.tasks.get(&id).is_some_and(watches) {
            let details = (told != Details::default()).then(|| Arc::new(told));
            self.fire(now, id, Firing { count, details, ..Firing::once(now.wall, Cause::Trigger) }, out);
        }
    }

    /// A source can or cannot look out for what a task waits for.
    pub(super) fn troubled(&mut self, id: TaskId, why: Option<String>, out: &mut Effects) {
        let changed = match why {
            Some(why) if self.tasks.contains_key(&id) => self.troubles.insert(id, why.clone()) != Some(why),
            _ => self.troubles.remove(&id).is_some(),
        };
        if let Some(task) = self.tasks.get(&id).filter(|_| changed) {
            out.announce(&task.package, Notice::TaskChanged(id));
        }
    }

    /// Fires what the change of a fact is a system event for; a first observation is no change.
    pub(super) fn happened_by(&mut self, now: Moment, kind: FactKind, before: &Facts, out: &mut Effects) {
        if before.is_known(kind) {
            for event in events(kind, before, &self.facts) {
                self.happened(now, event, out);
            }
        }
    }

    /// Begins or ends to look out for what a task waits for, where a source is needed.
    pub(super) fn look_out(&mut self, id: TaskId, before: Option<&Arc<Watch>>, out: &mut Effects) {
        let after = self.tasks.get(&id).and_then(|task| match &task.spec.trigger {
            Trigger::Watch(watch) => Some(watch.clone()),
            _ => None,
        });
        if before == after.as_ref() {
            return;
        }
        self.troubles.remove(&id);
        self.forget_circle(id);
        out.at_once.push(match after {
            Some(watch) => Effect::Watch { task: id, watch },
            None => Effect::Unwatch { task: id },
        });
    }

    pub(super) fn woken_by(&self, wake: &Wake) -> impl Iterator<Item = TaskId> {
        self.wakes.get(wake).into_iter().flatten().copied()
    }

    fn fire_woken(&mut self, now: Moment, wake: &Wake, details: Option<Arc<Details>>, out: &mut Effects) {
        let theirs: Vec<TaskId> = self.woken_by(wake).collect();
        for id in theirs {
            self.fire(
                now,
                id,
                Firing { details: details.clone(), ..Firing::once(now.wall, Cause::Trigger) },
                out,
            );
        }
    }
}

fn details(arguments: Vec<String>) -> Option<Arc<Details>> {
    (!arguments.is_empty()).then(|| Arc::new(Details::of(arguments)))
}

/// Which events it is that a fact has another value than before.
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
