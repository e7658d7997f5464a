//! What keeps a task that has fired from running; the one place that says so.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::access::Access;
use crate::broker::Broker;
use crate::effect::{Answer, Effects, Notice};
use crate::id::TaskId;
use crate::moment::Moment;
use crate::package::FamilyName;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::run::Decider;
use crate::task::{Cause, Firing, Task};

/// One thing that keeps a task from running when it has fired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocker {
    /// This part of its condition fails.
    Condition(String),
    /// It kept crashing.
    Quarantined,
    /// The user denies its package to run in the background.
    Denied,
    /// The broker is about to end.
    Stopping,
}

impl Broker {
    /// Returns whether a task that has fired may run now; who forces it overrides conditions only.
    pub(super) fn may_run(&self, task: &Task, firing: Firing) -> bool {
        let holds = || task.spec.condition.as_ref().is_none_or(|condition| condition.holds(&self.facts));
        self.stopping.is_none()
            && !self.is_quarantined(task)
            && self.access(&task.package) != Access::Denied
            && (firing.cause == Cause::Forced || holds())
    }

    /// Returns everything that keeps a task from running.
    pub(super) fn blockers(&self, task: &Task) -> Vec<Blocker> {
        let failing = task.spec.condition.as_ref().map(|condition| condition.failing(&self.facts));
        let failing = failing.into_iter().flatten().map(|part| Blocker::Condition(part.to_string()));
        let mut blockers: Vec<Blocker> = failing.collect();
        let others = [
            (self.is_quarantined(task), Blocker::Quarantined),
            (self.access(&task.package) == Access::Denied, Blocker::Denied),
            (self.stopping.is_some(), Blocker::Stopping),
        ];
        blockers.extend(others.into_iter().filter(|(blocks, _)| *blocks).map(|(_, blocker)| blocker));
        blockers
    }

    /// Returns what the user allows a package.
    #[must_use]
    pub fn access(&self, package: &FamilyName) -> Access {
        self.access.get(package).copied().unwrap_or_default()
    }

    /// The user says what a package may do; a no ends what runs, a yes lets run what was held.
    pub(super) fn set_access(
        &mut self,
        now: Moment,
        package: FamilyName,
        access: Access,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        if !self.packages.contains_key(&package) {
            return Err(Refusal::UnknownPackage(package));
        }
        if self.access(&package) == access {
            return Ok(Answer::Done);
        }
        self.access.insert(package.clone(), access);
        out.records.push(Record::AccessSet { package: package.clone(), access });
        if access == Access::Denied {
            for instance in self.alive_of(&package) {
                self.cancel_run(now, instance, Decider::Access, out);
            }
        }
        let tasks: Vec<TaskId> = self.tasks_of(&package).collect();
        for task in tasks {
            out.announce(Notice::TaskChanged(task));
            self.judge(now, task, out);
        }
        Ok(Answer::Done)
    }
}
