//! What keeps a task that has fired from running; the one place that says so.

use alloc::vec::Vec;

use crate::access::Access;
use crate::broker::Broker;
use crate::effect::{Answer, Effects, Notice};
use crate::id::TaskId;
use crate::moment::Moment;
use crate::package::FamilyName;
use crate::policy::HoldEnd;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::run::Decider;
use crate::task::{Cause, Phase, Task};
use oncue_types::Blocker;

impl Broker {
    /// Returns whether a held task may run now.
    pub(super) fn may_run(&self, now: Moment, task: &Task) -> bool {
        let holds = || task.conditions().all(|condition| condition.holds(&self.facts));
        self.stops(task).next().is_none() && (is_past_conditions(now, task) || holds())
    }

    /// Returns everything that keeps a task from running.
    pub(super) fn blockers(&self, now: Moment, task: &Task) -> Vec<Blocker> {
        let conditions = task.conditions().filter(|_| !is_past_conditions(now, task));
        let failing = conditions.flat_map(|condition| condition.failing(&self.facts));
        let failing = failing.map(|part| Blocker::Condition(part.clone()));
        failing.chain(self.stops(task)).collect()
    }

    /// Returns what keeps a task from running besides its condition; nothing overrides that.
    fn stops(&self, task: &Task) -> impl Iterator<Item = Blocker> {
        let access = self.access(&task.package);
        let all = [
            (self.is_quarantined(task), Blocker::Quarantined),
            (access == Access::Denied, Blocker::Denied),
            (self.is_saved(&task.package), Blocker::EnergySaver),
            (self.machine.is_short_of_memory() && access != Access::Always, Blocker::MemoryShort),
            (self.runs_in_circle(task.id), Blocker::Circling),
            (self.machine.is_asleep(), Blocker::Asleep),
            (self.machine.ends_session(), Blocker::SessionEnding),
            (self.stopping.is_some(), Blocker::Stopping),
        ];
        let all = all.into_iter().filter(|(stops, _)| *stops).map(|(_, blocker)| blocker);
        all.chain(self.obstacles_for(task))
    }

    /// Returns what the user allows a package.
    #[must_use]
    pub fn access(&self, package: &FamilyName) -> Access {
        self.access.get(package).copied().unwrap_or_default()
    }

    /// The user says what a package may do; a no ends what runs, a yes lets run what was held. While
    /// nothing can be recorded, a package may be given less, but not more.
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
        let before = self.access(&package);
        if before == access {
            return Ok(Answer::Done);
        }
        if !access.only_takes_from(before) {
            self.can_record()?;
        }
        self.access.insert(package.clone(), access);
        out.records.push(Record::AccessSet { package: package.clone(), access });
        if access == Access::Denied {
            for instance in self.alive_of(&package) {
                self.cancel_run(now, instance, Decider::Access, out);
            }
        }
        self.save_energy(now, out);
        let tasks: Vec<TaskId> = self.tasks_of(&package).collect();
        for task in tasks {
            out.announce(&package, Notice::TaskChanged(task));
            self.judge(now, task, out);
        }
        Ok(Answer::Done)
    }
}

/// Returns whether what is held runs although its condition fails: it is forced, or it was held for
/// as long as the task allows. Nothing else is overridden by that.
fn is_past_conditions(now: Moment, task: &Task) -> bool {
    let Phase::Held { firing, since } = &task.phase else {
        return false;
    };
    let limit = task.spec.policy.as_ref().and_then(|policy| policy.hold_limit);
    let over = limit.is_some_and(|limit| limit.then == HoldEnd::Run && since.after(limit.after) <= now.boot);
    firing.cause == Cause::Forced || over
}
