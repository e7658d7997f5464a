//! Decides what keeps a task that has fired from running.

use alloc::vec::Vec;

use oncue_types::{Access, Answer, Blocker, Cause, Condition, FamilyName, HoldEnd, Moment, Refusal};

use crate::broker::Broker;
use crate::broker::machine::Life;
use crate::broker::takeover::Takeover;
use crate::effect::Effects;
use crate::record::Record;
use crate::run::Decider;
use crate::tasks::{Task, TaskKey, Waiting};

impl Broker {
    /// Returns whether a firing of a task may run now.
    pub(super) fn may_run(&self, now: Moment, task: &Task, waiting: &Waiting) -> bool {
        let holds = || task.conditions().all(|condition| condition.holds(&self.facts));
        self.stops(task).next().is_none() && (is_past_conditions(now, task, waiting) || holds())
    }

    /// Returns the parts of a task's condition that keep it from running.
    pub(super) fn failing(&self, now: Moment, task: &Task) -> Vec<Condition> {
        let is_past = task.held().is_some_and(|waiting| is_past_conditions(now, task, waiting));
        let conditions = task.conditions().filter(|_| !is_past);
        conditions.flat_map(|condition| condition.failing(&self.facts)).cloned().collect()
    }

    /// Returns what keeps a task from running apart from its condition; nothing overrides that.
    pub(super) fn stops(&self, task: &Task) -> impl Iterator<Item = Blocker> {
        let package = self.tasks.package_of(task);
        let access = self.access(package);
        let all = [
            (self.is_quarantined(task), Blocker::Quarantined),
            (access == Access::Denied, Blocker::Denied),
            (self.is_saved(package), Blocker::EnergySaver),
            (self.machine.is_short_of_memory() && access != Access::Always, Blocker::MemoryShort),
            (self.circles.waits(task), Blocker::Circling),
            (self.machine.is_asleep(), Blocker::Asleep),
            (self.machine.ends_session(), Blocker::SessionEnding),
            (
                self.machine.life != Life::Serves || self.machine.takeover == Takeover::Holds,
                Blocker::Stopping,
            ),
        ];
        let all = self.pauses.hold(task).into_iter().chain(all);
        let all = all.filter(|(stops, _)| *stops).map(|(_, blocker)| blocker);
        all.chain(self.queues.blocks(task)).chain(self.obstacles_for(task))
    }

    /// Returns what the user allows a package to do.
    #[must_use]
    pub fn access(&self, package: &FamilyName) -> Access {
        self.packages.access(package)
    }

    /// Sets what the user allows a package to do. A denial cancels its runs; a permission lets held tasks
    /// run.
    pub(super) fn set_access(
        &mut self,
        now: Moment,
        package: FamilyName,
        access: Access,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        if package.as_str() != FamilyName::COMMANDS && self.packages.get(&package).is_none() {
            return Err(Refusal::UnknownPackage(package));
        }
        let before = self.access(&package);
        if before == access {
            return Ok(Answer::Done);
        }
        if !access.only_takes_from(before) {
            self.store.can_record()?;
        }
        self.packages.set_access(package.clone(), access);
        out.records.push(Record::AccessSet { package: package.clone(), access });
        if access == Access::Denied {
            self.cancel_all_that(now, Decider::Access, |_, run| run.package == package, out);
        }
        self.save_energy(now, out);
        let tasks: Vec<TaskKey> = self.tasks.of_package(&package).collect();
        for key in tasks {
            if self.tasks.get(key).is_some() {
                self.tasks.announce_change(key, out);
                self.judge(now, key, out);
            }
        }
        Ok(Answer::Done)
    }
}

/// Returns whether a firing runs although the task's condition fails, because it was forced or because it was
/// held for as long as the task allows. That overrides nothing else.
fn is_past_conditions(now: Moment, task: &Task, Waiting { firing, since }: &Waiting) -> bool {
    let limit = task.policy().and_then(|policy| policy.hold_limit);
    let over = limit.is_some_and(|limit| limit.then == HoldEnd::Run && since.after(limit.after) <= now.boot);
    firing.cause == Cause::Forced || over
}
