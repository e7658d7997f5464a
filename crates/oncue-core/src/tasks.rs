//! The registered tasks, and the indexes by which they are found.
//!
//! A task's name, trigger and phase change only here, together with the indexes.

mod families;
mod names;
mod task;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::{Bound, Index, IndexMut};

use oncue_types::{FamilyName, Firing, Notice, Refusal, TaskId, TaskSpec};

use crate::arena::{Arena, Key};
use crate::effect::Effects;
use crate::run::RunKey;
use crate::wake::Wake;

use families::Families;
use names::Names;
pub(crate) use task::{Joined, Phase, Task, Waiting};

/// The key of a task in [`Tasks`].
pub(crate) type TaskKey = Key<Task>;

/// The registered tasks.
#[derive(Debug, Default)]
pub(crate) struct Tasks {
    all: Arena<Task>,
    /// Their ids in order, so that listings can be continued.
    ids: BTreeSet<TaskId>,
    families: Families,
    names: Names,
    held: BTreeSet<TaskKey>,
    /// Tasks by the events that can wake many of them.
    wakes: BTreeMap<Wake, BTreeSet<TaskKey>>,
}

impl Tasks {
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn key(&self, id: TaskId) -> Option<TaskKey> {
        self.all.key(id.0)
    }

    /// Returns the task that a client asks about.
    pub(crate) fn asked(&self, id: TaskId) -> Result<TaskKey, Refusal> {
        self.key(id).ok_or(Refusal::UnknownTask(id))
    }

    /// Returns a task, unless it was unregistered since the key was looked up.
    pub(crate) fn get(&self, key: TaskKey) -> Option<&Task> {
        self.all.get(key)
    }

    pub(crate) fn insert(&mut self, id: TaskId, package: &FamilyName, spec: TaskSpec) -> TaskKey {
        let family = self.families.join(package);
        let (name, wake) = (spec.name.clone(), Wake::of(&spec));
        let key = self.all.insert(Task::new(id, family, spec));
        self.ids.insert(id);
        self.names.insert(family, name, key);
        self.wake_on(wake, key);
        key
    }

    /// Removes a task; returns it with its package.
    pub(crate) fn remove(&mut self, key: TaskKey) -> (Task, FamilyName) {
        self.take_held(key);
        self.wake_no_more(key);
        let task = self.all.remove(key);
        self.ids.remove(&task.id());
        self.names.remove(task.family, task.spec.name.clone(), key);
        let package = self.families.leave(task.family);
        (task, package)
    }

    /// Replaces what was registered.
    pub(crate) fn respecify(&mut self, key: TaskKey, spec: TaskSpec) {
        self.wake_no_more(key);
        let task = &self.all[key];
        if task.spec.name != spec.name {
            let family = task.family;
            self.names.remove(family, task.spec.name.clone(), key);
            self.names.insert(family, spec.name.clone(), key);
        }
        let wake = Wake::of(&spec);
        self.all[key].spec = spec;
        self.wake_on(wake, key);
    }

    /// Joins a firing to the one that waits for the end of a run or for the condition.
    pub(crate) fn join(&mut self, key: TaskKey, firing: Firing) -> Joined {
        self.all[key].join(firing)
    }

    /// Makes a firing of an armed task wait.
    pub(crate) fn hold(&mut self, key: TaskKey, waiting: Waiting) {
        self.all[key].phase = Phase::Held(Box::new(waiting));
        self.held.insert(key);
    }

    /// Takes the held firing, if there is one, so that the task is armed again.
    pub(crate) fn take_held(&mut self, key: TaskKey) -> Option<Waiting> {
        let task = &mut self.all[key];
        match core::mem::replace(&mut task.phase, Phase::Armed) {
            Phase::Held(waiting) => {
                self.held.remove(&key);
                Some(*waiting)
            }
            other @ (Phase::Armed | Phase::Active { .. }) => {
                task.phase = other;
                None
            }
        }
    }

    /// Notes that a run of an armed task begins.
    pub(crate) fn begin(&mut self, key: TaskKey, run: RunKey) {
        self.all[key].phase = Phase::Active { run, next: None };
    }

    /// Arms a task whose run has ended; returns what has fired in the meantime.
    pub(crate) fn finish(&mut self, key: TaskKey) -> Option<Firing> {
        let task = &mut self.all[key];
        let next = task.take_next();
        task.phase = Phase::Armed;
        next
    }

    /// Takes the waiting firing, whatever it waits for.
    pub(crate) fn take_waiting(&mut self, key: TaskKey) -> Option<Firing> {
        let next = self.all[key].take_next();
        next.or_else(|| self.take_held(key).map(|waiting| waiting.firing))
    }

    /// Returns the tasks that are held.
    pub(crate) fn held(&self) -> Vec<TaskKey> {
        self.held.iter().copied().collect()
    }

    /// Returns the tasks that this event wakes.
    pub(crate) fn woken_by(&self, wake: &Wake) -> Vec<TaskKey> {
        self.wakes.get(wake).into_iter().flatten().copied().collect()
    }

    /// Returns the tasks that follow others, with the names of these.
    pub(crate) fn following(&self) -> Vec<(Arc<str>, TaskKey)> {
        let named = self.wakes.iter().filter_map(|(wake, keys)| match wake {
            Wake::After(name) => Some(keys.iter().map(move |key| (name.clone(), *key))),
            Wake::System(_) | Wake::Signal(_) | Wake::Startup | Wake::Calendar => None,
        });
        named.flatten().collect()
    }

    /// Returns the package of a task.
    pub(crate) fn package_of(&self, task: &Task) -> &FamilyName {
        self.families.name(task.family)
    }

    /// Tells the clients that watch the task's package that the task has changed.
    pub(crate) fn announce_change(&self, key: TaskKey, out: &mut Effects) {
        let task = &self.all[key];
        out.announce(self.package_of(task), Notice::TaskChanged(task.id()));
    }

    /// Returns how many tasks a package has.
    pub(crate) fn count_of(&self, package: &FamilyName) -> usize {
        self.families.count(package)
    }

    /// Returns the tasks of a package, ordered by name.
    pub(crate) fn of_package(&self, package: &FamilyName) -> impl Iterator<Item = TaskKey> {
        self.families.key(package).into_iter().flat_map(|family| self.names.of_family(family))
    }

    /// Returns the tasks of a package with this name.
    pub(crate) fn named(&self, package: &FamilyName, name: &Arc<str>) -> impl Iterator<Item = TaskKey> {
        let family = self.families.key(package);
        family.into_iter().flat_map(move |family| self.names.of_name(family, name.clone()))
    }

    /// Returns the tasks for whose package and name `are` returns true.
    pub(crate) fn find(&self, are: impl Fn(&FamilyName, &str) -> bool) -> Vec<TaskId> {
        let named = self.names.iter().filter(|(family, name, _)| are(self.families.name(*family), name));
        named.map(|(_, _, key)| self.all[key].id()).collect()
    }

    /// Returns the ids in order, after `after` if it is given.
    pub(crate) fn ids(&self, after: Option<TaskId>) -> impl Iterator<Item = TaskId> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.ids.range((from, Bound::Unbounded)).copied()
    }

    /// Indexes a task by what wakes it.
    fn wake_on(&mut self, wake: Option<Wake>, key: TaskKey) {
        if let Some(wake) = wake {
            self.wakes.entry(wake).or_default().insert(key);
        }
    }

    fn wake_no_more(&mut self, key: TaskKey) {
        if let Some(wake) = Wake::of(&self.all[key].spec)
            && let Some(theirs) = self.wakes.get_mut(&wake)
        {
            theirs.remove(&key);
            if theirs.is_empty() {
                self.wakes.remove(&wake);
            }
        }
    }
}

impl Index<TaskKey> for Tasks {
    type Output = Task;

    fn index(&self, key: TaskKey) -> &Task {
        &self.all[key]
    }
}

impl IndexMut<TaskKey> for Tasks {
    fn index_mut(&mut self, key: TaskKey) -> &mut Task {
        &mut self.all[key]
    }
}
