//! Packages: added, updated in place, removed with their tasks.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::broker::Broker;
use crate::effect::{Answer, Effects};
use crate::event::Consent;
use crate::id::TaskId;
use crate::moment::Moment;
use crate::package::{FamilyName, Package};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::run::Decider;

impl Broker {
    /// Adds a package or updates it: runs are cancelled with `ServicingUpdate`, tasks whose class is
    /// still declared are kept.
    pub(super) fn add_package(
        &mut self,
        now: Moment,
        package: Package,
        consent: Consent,
        vacated: Option<&str>,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        self.open_for_new()?;
        let family = package.family.clone();
        match self.packages.get(&family) {
            Some(present) if *present == package => return Ok(Answer::PackageAdded(family)),
            Some(present) => may_follow(present, &package, consent, vacated)?,
            None if self.packages.len() >= self.settings.limits.packages => {
                return Err(Refusal::TooMany { what: "packages", limit: self.settings.limits.packages });
            }
            None => {}
        }
        let updated = self.packages.contains_key(&family);
        out.records.push(Record::PackageAdded(Box::new(package.clone())));
        let orphaned: Vec<TaskId> = self
            .tasks_of(&family)
            .filter(|id| self.tasks.get(id).is_some_and(|task| package.server_of(task.spec.class).is_none()))
            .collect();
        self.packages.insert(family.clone(), package);
        for task in &orphaned {
            self.drop_waiting(now, *task, "the package's update no longer declares its class", out);
        }
        self.end_runs_of(now, &family, Decider::Servicing, out);
        for task in orphaned {
            self.remove_task(task, out);
        }
        self.trust_package_again(now, &family, out);
        if updated {
            self.serviced(now, &family, out);
        }
        Ok(Answer::PackageAdded(family))
    }

    /// Forgets a package: its runs are cancelled with `Uninstall`, its tasks end. That works also while
    /// nothing can be recorded: it only takes away.
    pub(super) fn remove_package(
        &mut self,
        now: Moment,
        family: &FamilyName,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        if !self.packages.contains_key(family) {
            return Err(Refusal::UnknownPackage(family.clone()));
        }
        let tasks: Vec<TaskId> = self.tasks_of(family).collect();
        for task in &tasks {
            self.drop_waiting(now, *task, "its package was removed", out);
        }
        self.end_runs_of(now, family, Decider::Uninstall, out);
        for task in tasks {
            self.remove_task(task, out);
        }
        self.packages.remove(family);
        self.obstacles.forget(family);
        out.records.push(Record::PackageRemoved(family.clone()));
        Ok(Answer::Done)
    }

    /// Cancels a package's runs; a firing that waits behind one of them goes to another server.
    fn end_runs_of(&mut self, now: Moment, family: &FamilyName, by: Decider, out: &mut Effects) {
        let dismissed = self.dismiss_servers_of(family);
        for instance in self.alive_of(family) {
            self.cancel_run(now, instance, by, out);
        }
        self.kill_idle(&dismissed, out);
    }
}

/// Refuses a package that may not take the place of the one that is there.
fn may_follow(
    present: &Package,
    offered: &Package,
    consent: Consent,
    vacated: Option<&str>,
) -> Result<(), Refusal> {
    let stayed = present.location == offered.location;
    let gone = stayed || vacated == Some(&present.location);
    let may_be_older = match consent {
        Consent::Insisted => return Ok(()),
        Consent::Found => gone,
        Consent::Offered => false,
    };
    if !gone {
        return Err(Refusal::Elsewhere {
            package: offered.family.clone(),
            present: present.location.clone(),
            offered: offered.location.clone(),
        });
    }
    if offered.version < present.version && !may_be_older {
        return Err(Refusal::Downgrade {
            package: offered.family.clone(),
            present: present.version,
            offered: offered.version,
        });
    }
    Ok(())
}
