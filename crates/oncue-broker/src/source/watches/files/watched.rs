//! What one task watches: its path, the folders on the way, and for a tree all below.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use oncue_core::TaskId;
use rustix::io::Errno;

use super::kernel::{Kernel, What};
use super::plan::{self, Post, Role};

/// What one task watches.
#[derive(Debug)]
pub(super) struct Watched {
    path: PathBuf,
    deep: bool,
    posts: HashMap<i32, Vec<Post>>,
    trouble: Option<Trouble>,
}

/// What an event means for a task.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The paths that changed.
    pub(super) changed: Vec<String>,
    /// What is watched no longer fits the file system.
    pub(super) plan_anew: bool,
}

/// Why a path cannot be watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The kernel's limit of watches is reached.
    NoRoom,
    /// This folder cannot be watched.
    Folder { folder: PathBuf, error: Errno },
}

impl Watched {
    pub(super) fn new(path: PathBuf, deep: bool) -> Self {
        Self { path, deep, posts: HashMap::new(), trouble: None }
    }

    pub(super) fn path(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }

    pub(super) fn lacks_room(&self) -> bool {
        self.trouble == Some(Trouble::NoRoom)
    }

    /// Takes in the trouble that there is now; returns whether it is another than before.
    pub(super) fn trouble_changes(&mut self, trouble: Option<Trouble>) -> bool {
        let changes = self.trouble != trouble;
        self.trouble = trouble;
        changes
    }

    /// Watches what must be watched as the file system stands; returns what is in the way.
    pub(super) fn plan(&mut self, task: TaskId, kernel: &mut Kernel) -> Option<Trouble> {
        let before = std::mem::take(&mut self.posts);
        let trouble = self.take_posts(task, kernel).err();
        if trouble == Some(Trouble::NoRoom) {
            // Half a watch would look like a whole one, and keep room that others could use.
            self.posts.clear();
            kernel.release_all(task);
            return trouble;
        }
        for wd in before.into_keys().filter(|wd| !self.posts.contains_key(wd)) {
            kernel.release(task, wd);
        }
        trouble
    }

    fn take_posts(&mut self, task: TaskId, kernel: &mut Kernel) -> Result<(), Trouble> {
        for post in plan::to(&self.path) {
            self.take_post(task, post, kernel)?;
        }
        if self.deep && self.path.is_dir() {
            let (folders, _) = plan::below(&self.path);
            self.take_folders(task, folders, kernel)?;
        }
        Ok(())
    }

    fn take_folders(
        &mut self,
        task: TaskId,
        folders: Vec<PathBuf>,
        kernel: &mut Kernel,
    ) -> Result<(), Trouble> {
        for folder in folders {
            match self.take_post(task, Post { folder, role: Role::Within }, kernel) {
                // One that nobody may read in a tree is left out, as find(1) does.
                Ok(()) | Err(Trouble::Folder { .. }) => {}
                Err(Trouble::NoRoom) => return Err(Trouble::NoRoom),
            }
        }
        Ok(())
    }

    fn take_post(&mut self, task: TaskId, post: Post, kernel: &mut Kernel) -> Result<(), Trouble> {
        match kernel.watch(task, &post.folder) {
            Ok(wd) => {
                let posts = self.posts.entry(wd).or_default();
                if !posts.contains(&post) {
                    posts.push(post);
                }
                Ok(())
            }
            // It went meanwhile: the folder above tells, and there is another plan then.
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(()),
            Err(Errno::NOSPC) => Err(Trouble::NoRoom),
            // Whoever may pass through a folder need not be allowed to look into it.
            Err(Errno::ACCESS) if matches!(post.role, Role::Leads { is_path: false, .. }) => Ok(()),
            Err(error) => Err(Trouble::Folder { folder: post.folder, error }),
        }
    }

    /// Says what something that happened in a watched folder means here.
    pub(super) fn see(
        &mut self,
        task: TaskId,
        wd: i32,
        name: &OsStr,
        what: What,
        kernel: &mut Kernel,
    ) -> Seen {
        let mut seen = Seen::default();
        for post in self.posts.get(&wd).cloned().unwrap_or_default() {
            match &post.role {
                _ if what.itself => seen.plan_anew = true,
                Role::Leads { next, is_path } if next == name => {
                    if *is_path {
                        seen.changed.push(self.path());
                    }
                    seen.plan_anew |= what.came || what.went;
                    // All that lies in a folder that comes is new too.
                    if what.came && what.folder && self.path.exists() {
                        seen.changed.push(self.path());
                    }
                }
                Role::Leads { .. } => {}
                Role::Within if name.is_empty() => {}
                Role::Within => self.changed_within(task, &post.folder.join(name), what, kernel, &mut seen),
            }
        }
        if what.gone {
            self.posts.remove(&wd);
        }
        seen
    }

    fn changed_within(
        &mut self,
        task: TaskId,
        path: &Path,
        what: What,
        kernel: &mut Kernel,
        seen: &mut Seen,
    ) {
        seen.changed.push(path.to_string_lossy().into_owned());
        if !self.deep || !what.folder {
            return;
        }
        if what.went {
            self.leave(task, path, kernel);
        }
        if what.came {
            let new = Post { folder: path.to_owned(), role: Role::Within };
            let took = self.take_post(task, new, kernel);
            // What was put there before the folder was watched is found by looking.
            let (folders, entries) = plan::below(path);
            seen.changed.extend(entries.iter().map(|entry| entry.to_string_lossy().into_owned()));
            let full = took.and_then(|()| self.take_folders(task, folders, kernel));
            seen.plan_anew |= full == Err(Trouble::NoRoom);
        }
    }

    /// Watches a folder that went no more, nor what lay below it.
    fn leave(&mut self, task: TaskId, path: &Path, kernel: &mut Kernel) {
        let below = |post: &Post| post.folder.starts_with(path);
        let left: Vec<i32> =
            self.posts.iter().filter(|(_, posts)| posts.iter().all(below)).map(|(wd, _)| *wd).collect();
        for wd in left {
            self.posts.remove(&wd);
            kernel.release(task, wd);
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRoom => {
                let limit = std::fs::read_to_string("/proc/sys/fs/inotify/max_user_watches");
                let limit = limit.map(|limit| format!(" of {}", limit.trim())).unwrap_or_default();
                write!(
                    f,
                    "the kernel's limit{limit} watched folders is reached: raise it, \
                     `sysctl fs.inotify.max_user_watches=524288`, or watch fewer"
                )
            }
            Self::Folder { folder, error } => {
                let error = std::io::Error::from(*error);
                write!(f, "folder {} cannot be watched: {error}", folder.display())
            }
        }
    }
}
