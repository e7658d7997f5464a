//! One of the threads, and its calls to file systems.

use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use oncue_core::TaskId;
use rustix::io::Errno;

use super::{Doing, Halt, Job, MAX_SILENT, Report, Shared};
use crate::source::watches::files::index::{NotAdded, Role};
use crate::source::watches::files::kernel::Scope;
use crate::source::watches::files::mounts::{MOUNTINFO, Mount, Mounts};
use crate::source::watches::files::trouble::Trouble;
use crate::source::watches::files::{tree, walk};

/// How long a file system that has answered is assumed to answer.
const ANSWERED: Duration = Duration::from_secs(1);

/// A thread's access to file systems and to the shared state.
pub(in super::super) struct Hand {
    pub(super) shared: Arc<Shared>,
    pub(super) id: u64,
}

impl Hand {
    pub(super) fn work(self) {
        self.read_mounts();
        self.blame();
        while let Some(job) = self.next() {
            let done = match job {
                Job::Mounts => {
                    self.read_mounts();
                    Ok(())
                }
                Job::Plan(plan) => walk::plan(&self, plan),
                Job::Tree(tree) => tree::go_on(&self, tree),
            };
            match done {
                Ok(()) | Err(Halt::Outdated) => self.done(),
                Err(Halt::Late) => return self.late(),
                Err(Halt::Trouble(trouble)) => {
                    tracing::debug!("{trouble}");
                    self.done();
                }
            }
        }
    }

    /// Waits for work; `None` if the thread is no longer needed.
    fn next(&self) -> Option<Job> {
        let mut desk = self.shared.desk();
        loop {
            if desk.closed || desk.worker != self.id {
                return None;
            }
            // Only the working thread adds watches, so none of the watches removed here can have
            // been added just now.
            desk.index.take_unused().into_iter().for_each(|wd| self.shared.inotify.give_back(wd));
            let crowded = desk.silent.len() >= MAX_SILENT;
            if let Some(job) = (!crowded).then(|| desk.jobs.pop_front()).flatten() {
                let task = match &job {
                    Job::Mounts => None,
                    Job::Plan(plan) => Some(plan.task),
                    Job::Tree(tree) => Some(tree.task),
                };
                desk.doing = Some(Doing { task, at: PathBuf::from("/"), calls: 1, looked_at: 0 });
                return Some(job);
            }
            desk = self.shared.called.wait(desk).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn done(&self) {
        let mut desk = self.shared.desk();
        if desk.worker == self.id {
            desk.doing = None;
        }
    }

    /// The call that took so long has returned.
    fn late(&self) {
        let mut desk = self.shared.desk();
        let Some(at) = desk.silent.iter().position(|silent| silent.worker == self.id) else { return };
        let silent = desk.silent.swap_remove(at);
        drop(desk);
        self.shared.called.notify_all();
        match (silent.mount, silent.task) {
            (Some(mount), _) => {
                tracing::info!("the file system at {mount} answers again");
                self.report(Report::Answers(mount));
            }
            // Nobody has been told yet that it was not answering.
            (None, Some(task)) => self.report(Report::Abandoned(task)),
            (None, None) => {}
        }
    }

    pub(in super::super) fn report(&self, report: Report) {
        // If the receiver is gone, the broker is ending.
        let _ = self.shared.reports.send(report);
    }

    /// Puts long work back, so that other tasks have their turn.
    pub(in super::super) fn put_back(&self, job: Job) {
        self.shared.desk().jobs.push_back(job);
    }

    /// Makes a call for a path without links and dots, which may take any time.
    pub(in super::super) fn call<T>(&self, at: &Path, ask: impl FnOnce() -> T) -> Result<T, Halt> {
        self.begin(at)?;
        #[cfg(test)]
        (self.shared.interlude)(at);
        let answer = ask();
        if self.is_late() { Err(Halt::Late) } else { Ok(answer) }
    }

    fn begin(&self, at: &Path) -> Result<(), Halt> {
        let mut guard = self.shared.desk();
        let desk = &mut *guard;
        if desk.closed {
            return Err(Halt::Outdated);
        }
        let blamed = desk.silent.iter().any(|silent| silent.blamed);
        if let Some(mount) = blamed.then(|| desk.mounts.of(at)).flatten()
            && desk.silent.iter().any(|silent| silent.blamed && silent.mount.as_ref() == Some(mount))
        {
            return Err(Halt::Trouble(Trouble::Silent(mount.clone())));
        }
        match &mut desk.doing {
            Some(doing) if desk.worker == self.id => {
                doing.calls += 1;
                doing.at.clear();
                doing.at.push(at);
                Ok(())
            }
            _ => Err(Halt::Late),
        }
    }

    fn is_late(&self) -> bool {
        self.shared.desk().worker != self.id
    }

    /// Lets another process access a path first, if its file system, mounted at `at`, may not
    /// answer.
    pub(in super::super) fn try_out(&self, at: &Path, path: &Path) -> Result<(), Halt> {
        let answered = |at: &Instant| at.elapsed() < ANSWERED;
        let is_open = {
            let desk = self.shared.desk();
            !desk.mounts.of(at).is_some_and(Mount::is_served) || desk.answered.get(at).is_some_and(answered)
        };
        if is_open {
            return Ok(());
        }
        let asks = || {
            let mut stat = Command::new("stat");
            stat.args(["-L", "--"]).arg(path);
            stat.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/");
            // Its output does not matter, nor who reaps it.
            stat.status().is_ok()
        };
        if !self.call(at, asks)? {
            tracing::debug!("stat(1) did not check {}", path.display());
        }
        self.shared.desk().answered.insert(at.to_owned(), Instant::now());
        Ok(())
    }

    /// Watches an open file or folder for a task. All later events are reported, so what is read
    /// afterwards cannot change unnoticed.
    pub(in super::super) fn watch(&self, post: Post<'_>, file: &impl AsFd, role: Role) -> Result<(), Halt> {
        self.begin(post.at)?;
        #[cfg(test)]
        (self.shared.interlude)(post.at);
        let watched = self.shared.inotify.watch(file, post.scope);
        let mut desk = self.shared.desk();
        let wd = match watched {
            Ok(wd) if desk.worker != self.id => {
                desk.index.may_be_unused(wd);
                return Err(Halt::Late);
            }
            Ok(wd) if !desk.index.contains(wd) && !self.shared.inotify.has_room(desk.index.n_watches()) => {
                desk.index.may_be_unused(wd);
                return Err(Halt::Trouble(Trouble::NoRoom));
            }
            Ok(wd) => wd,
            Err(Errno::NOSPC) => return Err(Halt::Trouble(Trouble::NoRoom)),
            Err(error) => return Err(Halt::Trouble(Trouble::At { path: post.at.to_owned(), error })),
        };
        desk.index.add(post.task, post.turn, wd, role).map_err(|not| match not {
            NotAdded::Outdated => Halt::Outdated,
            NotAdded::Tree => Halt::Trouble(Trouble::TooLarge),
            NotAdded::Trees => Halt::Trouble(Trouble::TooMany),
        })
    }

    /// Returns the turn in which a task was last planned, if it still watches.
    pub(in super::super) fn turn(&self, task: TaskId) -> Option<u32> {
        self.shared.desk().index.turn(task)
    }

    /// Returns the file system mounted exactly there.
    pub(in super::super) fn mounted_at(&self, point: &Path) -> Option<Mount> {
        self.shared.desk().mounts.at(point).cloned()
    }

    fn read_mounts(&self) {
        let mounts = match Mounts::read() {
            Ok(mounts) => mounts,
            Err(error) => return tracing::warn!("{}: {error}", MOUNTINFO),
        };
        let mut desk = self.shared.desk();
        let differing = mounts.differing(&desk.mounts);
        for silent in &mut desk.silent {
            // An unmounted file system no longer matters, although its thread still hangs.
            silent.blamed &=
                silent.mount.as_ref().is_some_and(|mount| mounts.at(&mount.point) == Some(mount));
        }
        desk.mounts = mounts;
        desk.answered.clear();
        drop(desk);
        if !differing.is_empty() {
            self.report(Report::Mounts(differing));
        }
    }

    /// Determines the file system in which the previous thread hangs, now that the mounts are
    /// known.
    fn blame(&self) {
        let mut guard = self.shared.desk();
        let desk = &mut *guard;
        let Some(silent) = desk.silent.iter_mut().find(|silent| silent.worker + 1 == self.id) else { return };
        let Some(mount) = desk.mounts.of(&silent.at) else { return };
        // Everything is below the root: if it were blamed, nothing would be watched any more.
        silent.blamed = mount.point != Path::new("/");
        silent.mount = Some(mount.clone());
        tracing::warn!("the file system at {mount} does not answer: {}", silent.at.display());
        let report = Report::Silent { task: silent.task, mount: mount.clone(), blamed: silent.blamed };
        drop(guard);
        self.report(report);
    }
}

/// The task and role for which something is watched.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Post<'p> {
    pub(in super::super) task: TaskId,
    pub(in super::super) turn: u32,
    pub(in super::super) at: &'p Path,
    pub(in super::super) scope: Scope,
}
