//! The threads that access file systems, so that one that does not answer does not stop the loop.
//!
//! One thread works at a time. If one of its calls takes longer than [`PATIENCE`], another thread
//! replaces it, and the file system is not called again until the call returns. A file system that
//! hangs costs one thread, and at most [`MAX_SILENT`] calls may hang.
//!
//! A thread that hangs in FUSE cannot be killed, and would keep the broker from ending. So a file
//! system that is served by another process or machine is first checked by a separate process.

mod hand;

use std::collections::{HashMap, VecDeque};
use std::io;
#[cfg(test)]
use std::path::Path;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use oncue_core::TaskId;
use tokio::sync::mpsc;

use super::index::Index;
use super::kernel::Inotify;
use super::mounts::{Mount, Mounts};
use super::tree::Tree;
use super::trouble::Trouble;
use super::walk::{Found, Plan};
pub(super) use hand::{Hand, Post};

/// How long a call may take before its file system counts as not answering.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);
/// How many calls may hang before no further ones are made.
pub(super) const MAX_SILENT: usize = 8;

/// How many new folders in trees may be pending; beyond that, the trees are planned again as a
/// whole.
const MANY: usize = 8_192;

/// Work to do for a task.
#[derive(Debug)]
pub(super) enum Job {
    /// A file system was mounted or unmounted.
    Mounts,
    /// Watch a path.
    Plan(Plan),
    /// Watch the folders of a tree.
    Tree(Box<Tree>),
}

/// The result of the work.
#[derive(Debug)]
pub(super) enum Report {
    /// A path is watched, as found.
    Planned { task: TaskId, turn: u32, found: Found },
    /// A folder that is new in a tree is watched, with these contents.
    Grown { task: TaskId, changed: Vec<String>, left_out: u32, trouble: Option<Trouble> },
    /// Other file systems are mounted at these places.
    Mounts(Vec<PathBuf>),
    /// This file system does not answer. If it is `blamed`, it is not called again.
    Silent { task: Option<TaskId>, mount: Mount, blamed: bool },
    /// The thread that worked for a task took so long that another one continues, without that
    /// task.
    Abandoned(TaskId),
    /// The file system answers again.
    Answers(Mount),
}

/// The progress of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// Nothing to do.
    Idle,
    /// In progress.
    Busy,
    /// Too many calls hang, so nothing is done.
    Crowded,
}

/// Why the work for a task stops.
#[derive(Debug)]
pub(super) enum Halt {
    /// The call took so long that another thread has taken over.
    Late,
    /// The result is no longer needed.
    Outdated,
    /// The path cannot be followed further.
    Trouble(Trouble),
}

/// The threads, as seen by their owner. They end with it, each as soon as its call returns.
pub(super) struct Lookout(Arc<Shared>);

struct Shared {
    desk: Mutex<Desk>,
    called: Condvar,
    inotify: Inotify,
    reports: mpsc::UnboundedSender<Report>,
    #[cfg(test)]
    interlude: Interlude,
}

/// Lets a test change the file system just before a path is accessed.
#[cfg(test)]
pub(super) type Interlude = Box<dyn Fn(&Path) + Send + Sync>;

#[derive(Default)]
struct Desk {
    index: Index,
    mounts: Mounts,
    jobs: VecDeque<Job>,
    /// The thread that is working.
    worker: u64,
    doing: Option<Doing>,
    silent: Vec<Silent>,
    /// When file systems served by another process or machine last answered.
    answered: HashMap<PathBuf, Instant>,
    closed: bool,
}

/// What the working thread is doing.
struct Doing {
    task: Option<TaskId>,
    at: PathBuf,
    /// How many calls it has made, now and at the last check.
    calls: u64,
    looked_at: u64,
}

/// A thread whose call hangs.
struct Silent {
    worker: u64,
    task: Option<TaskId>,
    at: PathBuf,
    mount: Option<Mount>,
    /// Whether the file system is not called in the meantime.
    blamed: bool,
}

impl Lookout {
    pub(super) fn open(inotify: Inotify, reports: mpsc::UnboundedSender<Report>) -> io::Result<Self> {
        Self::start(Shared {
            desk: Mutex::default(),
            called: Condvar::new(),
            inotify,
            reports,
            #[cfg(test)]
            interlude: Box::new(|_| ()),
        })
    }

    #[cfg(test)]
    pub(super) fn with_interlude(
        inotify: Inotify,
        reports: mpsc::UnboundedSender<Report>,
        interlude: Interlude,
    ) -> Self {
        let (desk, called) = (Mutex::default(), Condvar::new());
        Self::start(Shared { desk, called, inotify, reports, interlude }).unwrap()
    }

    fn start(shared: Shared) -> io::Result<Self> {
        let shared = Arc::new(shared);
        spawn(&shared, 0)?;
        Ok(Self(shared))
    }

    /// Adds work for the threads.
    pub(super) fn post(&self, job: Job) {
        let mut desk = self.0.desk();
        match job {
            // Later work must know about it.
            Job::Mounts => desk.jobs.push_front(job),
            Job::Plan(_) | Job::Tree(_) => desk.jobs.push_back(job),
        }
        drop(desk);
        self.0.called.notify_all();
    }

    /// Whether so much work is pending that no more details are collected.
    pub(super) fn is_busy(&self) -> bool {
        self.0.desk().jobs.len() >= MANY
    }

    /// Accesses the index.
    pub(super) fn index<T>(&self, look: impl FnOnce(&mut Index) -> T) -> T {
        let looked = look(&mut self.0.desk().index);
        // Some watches may now be unused.
        self.0.called.notify_all();
        looked
    }

    /// Whether there is nothing to do.
    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        let desk = self.0.desk();
        desk.jobs.is_empty() && desk.doing.is_none() && desk.index.is_tidy()
    }

    /// Checks the working thread, and replaces it if its call hangs.
    pub(super) fn pace(&self) -> Pace {
        let mut guard = self.0.desk();
        let desk = &mut *guard;
        let Some(doing) = &mut desk.doing else {
            return match (desk.jobs.is_empty(), desk.silent.len() >= MAX_SILENT) {
                (true, _) => Pace::Idle,
                (false, true) => Pace::Crowded,
                (false, false) => Pace::Busy,
            };
        };
        if doing.calls != doing.looked_at {
            doing.looked_at = doing.calls;
            return Pace::Busy;
        }
        if let Err(error) = spawn(&self.0, desk.worker + 1) {
            tracing::warn!(
                "{} does not answer, and another thread cannot be started: {error}",
                doing.at.display()
            );
            return Pace::Busy;
        }
        let (task, at) = (doing.task, std::mem::take(&mut doing.at));
        desk.silent.push(Silent { worker: desk.worker, task, at, mount: None, blamed: false });
        desk.doing = None;
        desk.worker += 1;
        Pace::Busy
    }
}

impl Drop for Lookout {
    fn drop(&mut self) {
        self.0.desk().closed = true;
        self.0.called.notify_all();
    }
}

impl Shared {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn spawn(shared: &Arc<Shared>, id: u64) -> io::Result<()> {
    let hand = Hand { shared: shared.clone(), id };
    // It is never joined, because a call that hangs must not keep the broker from ending.
    std::thread::Builder::new().name("lookout".into()).spawn(move || hand.work()).map(drop)
}
