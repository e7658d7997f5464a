//! What events from the kernel mean for the tasks that watch.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use oncue_core::TaskId;
use tokio::time::Instant;

use super::Keeper;
use crate::source::watches::files::index::Role;
use crate::source::watches::files::kernel::{Happened, What};
use crate::source::watches::files::lookout::{Job, Lookout};
use crate::source::watches::files::room::Lack;
use crate::source::watches::files::tree::Tree;
use crate::source::watches::files::watched::{State, Watched};

impl Keeper {
    pub(super) fn look_at(&mut self, happened: Happened, lookout: &Lookout) {
        match happened {
            Happened::Overflow => {
                self.tasks.values_mut().for_each(Watched::doubt);
                self.plan_where(lookout, |_| true);
            }
            Happened::LimitSet => self.plan_where(lookout, |watched| watched.lack() == Lack::Room),
            Happened::In { wd, name, what } => {
                for (task, role) in lookout.index(|index| index.concerned(wd, &name)) {
                    self.see(task, &role, &name, what, lookout);
                }
                if what.gone {
                    lookout.index(|index| index.forget(wd));
                }
            }
        }
    }

    /// Processes what an event means for a task.
    fn see(&mut self, task: TaskId, role: &Role, name: &OsStr, what: What, lookout: &Lookout) {
        let Some(watched) = self.tasks.get(&task) else { return };
        let path = watched.path.clone();
        match role {
            // The parent folder reports it, and whatever replaces it.
            Role::Within { shown } if what.itself && **shown != *path => {}
            _ if what.itself => self.plan(task, lookout),
            // The permissions of the folder itself, which may be the only event about them.
            Role::Leads { .. } if name.is_empty() => self.plan(task, lookout),
            Role::Leads { is_path, .. } => {
                if *is_path {
                    self.changed(task, &path);
                }
                if what.came || what.went || what.permits {
                    self.plan(task, lookout);
                }
            }
            Role::IsPath => self.changed(task, &path),
            Role::Within { .. } if name.is_empty() => {}
            Role::Within { shown } => self.changed_within(task, shown.join(name), what, lookout),
        }
    }

    fn changed_within(&mut self, task: TaskId, path: PathBuf, what: What, lookout: &Lookout) {
        self.changed(task, &path);
        let Some(watched) = self.tasks.get_mut(&task).filter(|watched| watched.deep && what.folder) else {
            return;
        };
        let real = watched.real(&path);
        if what.went {
            lookout.index(|index| index.leave(task, &path));
        }
        if what.came && lookout.is_busy() {
            watched.doubt();
            self.plan(task, lookout);
        } else if what.came {
            self.post(Job::Tree(Box::new(Tree::grown(task, (real, path.into())))), lookout);
        }
    }

    pub(super) fn remounted(&mut self, points: &[PathBuf], lookout: &Lookout) {
        let mut changed = Vec::new();
        for (task, watched) in &self.tasks {
            for point in points {
                let held = watched.holds(point);
                // While it is being planned, its target is not known yet.
                let planning = matches!(watched.state, State::Planning { .. });
                if held.is_some() || planning || watched.leads_through(point) {
                    changed.push((*task, held));
                }
            }
        }
        for (task, held) in changed {
            if let Some(shown) = held {
                self.changed(task, &shown);
            }
            self.plan(task, lookout);
        }
    }

    pub(super) fn changed(&mut self, task: TaskId, path: &Path) {
        self.settling.add(Instant::now(), task, path.to_string_lossy().into_owned());
    }
}
