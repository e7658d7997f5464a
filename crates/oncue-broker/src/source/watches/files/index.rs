//! The index of watches: from a watch of the kernel to the tasks that it concerns, and back.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;

use oncue_core::TaskId;

/// The maximum number of folders in a watched tree.
pub(super) const TREE: usize = 65_536;
/// The maximum number of folders in the trees of all tasks.
pub(super) const TREES: usize = 262_144;

/// The role of a watched folder or file for a task.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// A folder with an entry that leads to the path, or is the path itself.
    Leads { name: Arc<OsStr>, is_path: bool },
    /// The path itself, if it is not a folder.
    IsPath,
    /// The path itself, if it is a folder, or a folder below it; `shown` is the task's spelling.
    Within { shown: Arc<Path> },
}

/// Why a watch cannot be added for a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotAdded {
    /// The task watches nothing any more, or is being planned again.
    Outdated,
    /// The limit for one tree is reached.
    Tree,
    /// The limit for all trees is reached.
    Trees,
}

/// All watches.
#[derive(Debug, Default)]
pub(super) struct Index {
    watches: HashMap<i32, Users>,
    tasks: HashMap<TaskId, Posts>,
    /// Watches without users, which can be removed.
    unused: Vec<i32>,
    n_within: usize,
}

/// The tasks that a watch concerns.
#[derive(Debug, Default)]
struct Users {
    /// By the entry that leads on to the path.
    entries: HashMap<Arc<OsStr>, BTreeSet<TaskId>>,
    /// For any entry.
    whole: BTreeSet<TaskId>,
}

/// The watches of one task, each with the last turn of planning that needed it.
#[derive(Debug, Default)]
struct Posts {
    turn: u32,
    posts: BTreeMap<(i32, Role), u32>,
    n_within: usize,
}

impl Index {
    /// Begins a turn of planning for a task. Its watches stay until [`Index::settle`].
    pub(super) fn begin_turn(&mut self, task: TaskId) -> u32 {
        let posts = self.tasks.entry(task).or_default();
        posts.turn += 1;
        posts.turn
    }

    /// Returns the task's turn, if it watches anything.
    pub(super) fn turn(&self, task: TaskId) -> Option<u32> {
        self.tasks.get(&task).map(|posts| posts.turn)
    }

    /// Adds a watch for a task.
    pub(super) fn add(&mut self, task: TaskId, turn: u32, wd: i32, role: Role) -> Result<(), NotAdded> {
        let posts = self.tasks.get_mut(&task).filter(|posts| posts.turn == turn);
        let Some(posts) = posts else {
            self.unused.push(wd);
            return Err(NotAdded::Outdated);
        };
        let within = matches!(role, Role::Within { .. });
        if !posts.posts.contains_key(&(wd, role.clone())) {
            if within && (posts.n_within >= TREE || self.n_within >= TREES) {
                self.unused.push(wd);
                return Err(if posts.n_within >= TREE { NotAdded::Tree } else { NotAdded::Trees });
            }
            posts.n_within += usize::from(within);
            self.n_within += usize::from(within);
            let users = self.watches.entry(wd).or_default();
            match &role {
                Role::Leads { name, .. } => users.entries.entry(name.clone()).or_default().insert(task),
                Role::IsPath | Role::Within { .. } => users.whole.insert(task),
            };
        }
        posts.posts.insert((wd, role), turn);
        Ok(())
    }

    /// Ends a turn: removes watches that the task no longer needs.
    pub(super) fn settle(&mut self, task: TaskId) {
        let Some(turn) = self.turn(task) else { return };
        self.remove(task, |_, of| of != turn);
    }

    /// Removes the task's watches at and below a folder.
    pub(super) fn leave(&mut self, task: TaskId, folder: &Path) {
        self.remove(task, |role, _| matches!(role, Role::Within { shown } if shown.starts_with(folder)));
    }

    /// Removes all watches of a task.
    pub(super) fn end(&mut self, task: TaskId) {
        self.remove(task, |_, _| true);
        self.tasks.remove(&task);
    }

    /// Removes a watch that the kernel has removed.
    pub(super) fn forget(&mut self, wd: i32) {
        let Some(users) = self.watches.get(&wd) else { return };
        let theirs: BTreeSet<TaskId> =
            users.entries.values().flatten().chain(&users.whole).copied().collect();
        for task in theirs {
            for role in self.roles(task, wd) {
                self.remove_one(task, wd, role);
            }
        }
        self.watches.remove(&wd);
    }

    /// Returns the tasks concerned by an event on an entry of a folder, or, without a name, on the
    /// watched file or folder itself.
    pub(super) fn concerned(&self, wd: i32, name: &OsStr) -> Vec<(TaskId, Role)> {
        let Some(users) = self.watches.get(&wd) else { return Vec::new() };
        let mut concerned = Vec::new();
        if name.is_empty() {
            let all: BTreeSet<TaskId> =
                users.entries.values().flatten().chain(&users.whole).copied().collect();
            for task in all {
                concerned.extend(self.roles(task, wd).into_iter().map(|role| (task, role)));
            }
            return concerned;
        }
        for task in users.entries.get(name).into_iter().flatten() {
            let leads = |role: &Role| matches!(role, Role::Leads { name: next, .. } if **next == *name);
            concerned.extend(self.roles(*task, wd).into_iter().filter(leads).map(|role| (*task, role)));
        }
        for task in &users.whole {
            let whole = |role: &Role| !matches!(role, Role::Leads { .. });
            concerned.extend(self.roles(*task, wd).into_iter().filter(whole).map(|role| (*task, role)));
        }
        concerned
    }

    /// Records that a watch may no longer have users.
    pub(super) fn may_be_unused(&mut self, wd: i32) {
        self.unused.push(wd);
    }

    /// Returns the unused watches, each only once.
    pub(super) fn take_unused(&mut self) -> Vec<i32> {
        let mut unused = std::mem::take(&mut self.unused);
        unused.retain(|wd| !self.watches.contains_key(wd));
        unused.sort_unstable();
        unused.dedup();
        unused
    }

    #[cfg(test)]
    pub(super) fn is_tidy(&self) -> bool {
        self.unused.is_empty()
    }

    pub(super) fn contains(&self, wd: i32) -> bool {
        self.watches.contains_key(&wd)
    }

    pub(super) fn n_watches(&self) -> usize {
        self.watches.len()
    }

    fn roles(&self, task: TaskId, wd: i32) -> Vec<Role> {
        let Some(posts) = self.tasks.get(&task) else { return Vec::new() };
        let least = Role::Leads { name: Arc::from(OsStr::new("")), is_path: false };
        let of_it = posts.posts.range((wd, least)..).map(|(post, _)| post).take_while(|(of, _)| *of == wd);
        of_it.map(|(_, role)| role.clone()).collect()
    }

    fn remove(&mut self, task: TaskId, is: impl Fn(&Role, u32) -> bool) {
        let Some(posts) = self.tasks.get(&task) else { return };
        let theirs = posts.posts.iter().filter(|((_, role), turn)| is(role, **turn));
        let theirs: Vec<(i32, Role)> = theirs.map(|(post, _)| post.clone()).collect();
        for (wd, role) in theirs {
            self.remove_one(task, wd, role);
        }
    }

    fn remove_one(&mut self, task: TaskId, wd: i32, role: Role) {
        let Some(posts) = self.tasks.get_mut(&task) else { return };
        let within = matches!(role, Role::Within { .. });
        let post = (wd, role);
        if posts.posts.remove(&post).is_none() {
            return;
        }
        posts.n_within -= usize::from(within);
        self.n_within -= usize::from(within);
        let left = self.roles(task, wd);
        let Some(users) = self.watches.get_mut(&wd) else { return };
        match &post.1 {
            Role::Leads { name, .. } => {
                let other = |role: &Role| matches!(role, Role::Leads { name: next, .. } if next == name);
                if !left.iter().any(other)
                    && let Some(tasks) = users.entries.get_mut(name)
                {
                    tasks.remove(&task);
                    if tasks.is_empty() {
                        users.entries.remove(name);
                    }
                }
            }
            Role::IsPath | Role::Within { .. } => {
                if left.iter().all(|role| matches!(role, Role::Leads { .. })) {
                    users.whole.remove(&task);
                }
            }
        }
        if users.entries.is_empty() && users.whole.is_empty() {
            self.watches.remove(&wd);
            self.unused.push(wd);
        }
    }
}
