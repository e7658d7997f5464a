//! The threads that look at file systems, for one that does not answer must not stop the loop.
//!
//! One thread works at a time. When a single call of it takes longer than [`PATIENCE`], another thread
//! takes its place, and the file system that does not answer is asked nothing more until the call
//! returns: a file system that hangs costs one thread, and at most [`MAX_SILENT`] may.
//!
//! A thread that hangs in FUSE cannot even be killed, and would keep the broker from ending. So a file
//! system that another process or machine answers for is first asked by a process of its own.

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

/// How long one call may take before the file system counts as one that does not answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);
/// How many calls may hang before nothing more is asked.
pub(super) const MAX_SILENT: usize = 8;

/// How many folders that came into trees may wait: beyond that, the trees are planned as a whole.
const MANY: usize = 8_192;

/// What is to be done for a task.
#[derive(Debug)]
pub(super) enum Job {
    /// Something was mounted or unmounted.
    Mounts,
    /// Watch a path.
    Plan(Plan),
    /// Watch the folders of a tree.
    Tree(Box<Tree>),
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Report {
    /// A path is watched as it was found.
    Planned { task: TaskId, turn: u32, found: Found },
    /// A folder that came into a tree is watched; this lay in it.
    Grown { task: TaskId, changed: Vec<String>, left_out: u32, trouble: Option<Trouble> },
    /// Something else is mounted at these places.
    Mounts(Vec<PathBuf>),
    /// This file system does not answer. When it is `blamed`, nobody else waits for it.
    Silent { task: Option<TaskId>, mount: Mount, blamed: bool },
    /// The thread that worked for a task took so long that another one goes on, without that task.
    Abandoned(TaskId),
    /// It answers again.
    Answers(Mount),
}

/// How the work goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// Nothing is to be done.
    Idle,
    /// It goes on.
    Busy,
    /// So many calls hang that nothing is done.
    Crowded,
}

/// Why the work at a task stops.
#[derive(Debug)]
pub(super) enum Halt {
    /// The call took so long that another thread has taken over.
    Late,
    /// Nobody waits for the outcome.
    Outdated,
    /// The path cannot be followed further.
    Trouble(Trouble),
}

/// The threads, as their owner sees them; they end with it, each as soon as its call returns.
pub(super) struct Lookout(Arc<Shared>);

struct Shared {
    desk: Mutex<Desk>,
    called: Condvar,
    inotify: Inotify,
    reports: mpsc::UnboundedSender<Report>,
    #[cfg(test)]
    interlude: Interlude,
}

/// Lets a test change the file system just before it is asked about a path.
#[cfg(test)]
pub(super) type Interlude = Box<dyn Fn(&Path) + Send + Sync>;

#[derive(Default)]
struct Desk {
    index: Index,
    mounts: Mounts,
    jobs: VecDeque<Job>,
    /// The thread whose turn it is.
    worker: u64,
    doing: Option<Doing>,
    silent: Vec<Silent>,
    /// When a file system answered that another process or machine answers for.
    answered: HashMap<PathBuf, Instant>,
    closed: bool,
}

/// What the working thread is about.
struct Doing {
    task: Option<TaskId>,
    at: PathBuf,
    /// How many calls it has made, and how many it had when somebody looked last.
    calls: u64,
    looked_at: u64,
}

/// A thread whose call hangs.
struct Silent {
    worker: u64,
    task: Option<TaskId>,
    at: PathBuf,
    mount: Option<Mount>,
    /// Whether the file system is asked nothing meanwhile.
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

    /// Gives the threads something to do.
    pub(super) fn post(&self, job: Job) {
        let mut desk = self.0.desk();
        match job {
            // Whatever is looked at afterwards is to know of it.
            Job::Mounts => desk.jobs.push_front(job),
            Job::Plan(_) | Job::Tree(_) => desk.jobs.push_back(job),
        }
        drop(desk);
        self.0.called.notify_all();
    }

    /// Whether so much is to be done already that no more details are taken.
    pub(super) fn is_busy(&self) -> bool {
        self.0.desk().jobs.len() >= MANY
    }

    /// Looks into the index or changes it.
    pub(super) fn index<T>(&self, look: impl FnOnce(&mut Index) -> T) -> T {
        let looked = look(&mut self.0.desk().index);
        // There may be something to be given back.
        self.0.called.notify_all();
        looked
    }

    /// Whether nothing is to be done.
    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        let desk = self.0.desk();
        desk.jobs.is_empty() && desk.doing.is_none() && desk.index.is_tidy()
    }

    /// Looks after the thread that works, and lets another one take its place if its call hangs.
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
    // It is never joined: a call that hangs must not keep the broker from ending.
    std::thread::Builder::new().name("lookout".into()).spawn(move || hand.work()).map(drop)
}
