//! Packages: added, updated in place, removed with their tasks.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use oncue_types::{Access, Answer, Consent, FamilyName, Guid, Moment, Package, Refusal};

use crate::broker::Broker;
use crate::effect::Effects;
use crate::record::Record;
use crate::run::Decider;
use crate::tasks::TaskKey;

/// The installed packages, and what the user allows them to do.
#[derive(Debug, Default)]
pub(super) struct Packages {
    installed: BTreeMap<FamilyName, Package>,
    /// Packages that are not listed have the default.
    access: BTreeMap<FamilyName, Access>,
}

impl Packages {
    /// Restores what was stored.
    pub(super) fn recalled(packages: Vec<Package>, access: Vec<(FamilyName, Access)>) -> Self {
        let installed = packages.into_iter().map(|package| (package.family.clone(), package));
        Self { installed: installed.collect(), access: access.into_iter().collect() }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Package> {
        self.installed.values()
    }

    pub(super) fn get(&self, family: &FamilyName) -> Option<&Package> {
        self.installed.get(family)
    }

    /// Returns the index of the package's server that creates objects of a class.
    pub(super) fn server_of(&self, family: &FamilyName, class: Guid) -> Option<usize> {
        self.get(family)?.server_of(class)
    }

    pub(super) fn access(&self, family: &FamilyName) -> Access {
        self.access.get(family).copied().unwrap_or_default()
    }

    pub(super) fn set_access(&mut self, family: FamilyName, access: Access) {
        self.access.insert(family, access);
    }
}

impl Broker {
    /// Adds or updates a package. An update cancels its runs with `ServicingUpdate` and keeps the tasks whose
    /// class is still declared.
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
        let limit = self.settings.limits.packages;
        match self.packages.get(&family) {
            Some(present) if *present == package => return Ok(Answer::PackageAdded(family)),
            Some(present) => may_follow(present, &package, consent, vacated)?,
            None if self.packages.installed.len() >= limit => {
                return Err(Refusal::TooMany { what: "packages", limit });
            }
            None => {}
        }
        out.records.push(Record::PackageAdded(Box::new(package.clone())));
        let has_no_class = |key: &TaskKey| {
            let class = self.tasks[*key].spec().action.class();
            class.is_some_and(|class| package.server_of(class).is_none())
        };
        let orphaned: Vec<TaskKey> = self.tasks.of_package(&family).filter(has_no_class).collect();
        let updated = self.packages.installed.insert(family.clone(), package).is_some();
        for task in &orphaned {
            self.drop_waiting(now, *task, "the package's update no longer declares its class", out);
        }
        self.end_runs_of(now, &family, Decider::Servicing, out);
        self.remove_tasks(orphaned, out);
        self.trust_package_again(now, &family, out);
        if updated {
            self.serviced(now, &family, out);
        }
        Ok(Answer::PackageAdded(family))
    }

    /// Removes a package: cancels its runs with `Uninstall`, and removes its tasks.
    pub(super) fn remove_package(
        &mut self,
        now: Moment,
        family: &FamilyName,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        if self.packages.get(family).is_none() {
            return Err(Refusal::UnknownPackage(family.clone()));
        }
        let tasks: Vec<TaskKey> = self.tasks.of_package(family).collect();
        for task in &tasks {
            self.drop_waiting(now, *task, "its package was removed", out);
        }
        self.end_runs_of(now, family, Decider::Uninstall, out);
        self.remove_tasks(tasks, out);
        self.packages.installed.remove(family);
        self.machine.obstacles.forget(family);
        out.records.push(Record::PackageRemoved(family.clone()));
        Ok(Answer::Done)
    }

    /// Ends registrations, unless the end of a run has already done so.
    fn remove_tasks(&mut self, tasks: Vec<TaskKey>, out: &mut Effects) {
        for task in tasks {
            if self.tasks.get(task).is_some() {
                self.remove_task(task, out);
            }
        }
    }

    /// Cancels a package's runs. A firing that waits for the end of one of them is answered by another
    /// server.
    fn end_runs_of(&mut self, now: Moment, family: &FamilyName, by: Decider, out: &mut Effects) {
        let dismissed = self.servers.dismiss_all_of(family);
        self.cancel_all_that(now, by, |_, run| run.package == *family, out);
        self.kill_idle(&dismissed, out);
    }
}

/// Returns an error if a package may not replace the installed one.
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
