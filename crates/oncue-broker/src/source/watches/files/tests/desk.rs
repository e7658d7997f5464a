//! What the tests of watched files work with.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use oncue_core::{Event, Guid, TaskId};
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::super::keeper::{Ends, Keeper};
use super::super::kernel::{self, Inotify, Kernel};
use super::super::lookout::Lookout;
use super::super::{Files, Order};
use crate::inbox::Inbox;

pub(super) const ONE: TaskId = TaskId(Guid::from_u128(1));
pub(super) const TWO: TaskId = TaskId(Guid::from_u128(2));

/// What is done when the lookout is about to ask for a path.
type Deed = Box<dyn FnOnce() + Send>;

pub(super) struct Desk {
    home: TempDir,
    pub(super) files: Files,
    inbox: mpsc::Receiver<Inbox>,
    deeds: Arc<Mutex<HashMap<PathBuf, Vec<Deed>>>>,
    instance: std::os::fd::RawFd,
}

impl Desk {
    pub(super) fn new() -> Self {
        let (kernel, inotify) = kernel::open().unwrap();
        Self::over(kernel, inotify)
    }

    pub(super) fn with_room(room: usize) -> Self {
        let (kernel, inotify) = kernel::open().unwrap();
        Self::over(kernel, inotify.with_room(room))
    }

    pub(super) fn over(kernel: Kernel, inotify: Inotify) -> Self {
        Self::in_folder(tempfile::tempdir().unwrap(), kernel, inotify)
    }

    /// On a file system that is not the root.
    pub(super) fn in_memory() -> Self {
        let (kernel, inotify) = kernel::open().unwrap();
        Self::in_folder(tempfile::tempdir_in("/dev/shm").unwrap(), kernel, inotify)
    }

    fn in_folder(home: TempDir, kernel: Kernel, inotify: Inotify) -> Self {
        let (sender, inbox) = mpsc::channel(64);
        let (orders, received) = mpsc::unbounded_channel();
        let deeds: Arc<Mutex<HashMap<PathBuf, Vec<Deed>>>> = Arc::default();
        let interlude = {
            let deeds = deeds.clone();
            move |at: &Path| {
                let deed = deeds
                    .lock()
                    .unwrap()
                    .get_mut(at)
                    .and_then(|deeds| (!deeds.is_empty()).then(|| deeds.remove(0)));
                if let Some(deed) = deed {
                    deed();
                }
            }
        };
        let instance = inotify.instance();
        let ends =
            Ends::over(kernel, |reports| Ok(Lookout::with_interlude(inotify, reports, Box::new(interlude))));
        let keeper = Keeper::new(sender);
        let asked = keeper.asked.clone();
        tokio::spawn(keeper.keep_from(ends, received));
        Self { home, files: Files { orders, asked }, inbox, deeds, instance }
    }

    /// Does something when the lookout is about to ask for this path; of several, one each time.
    pub(super) fn before(&self, path: &Path, deed: impl FnOnce() + Send + 'static) {
        self.deeds.lock().unwrap().entry(path.to_owned()).or_default().push(Box::new(deed));
    }

    pub(super) fn path(&self, below: &str) -> PathBuf {
        self.home.path().canonicalize().unwrap().join(below)
    }

    pub(super) async fn watch(&mut self, task: TaskId, path: &Path, deep: bool) {
        self.files.begin(task, path.to_owned(), deep);
        self.obeyed().await;
    }

    /// Waits until everything is watched as ordered.
    pub(super) async fn obeyed(&self) {
        loop {
            let (answer, obeyed) = tokio::sync::oneshot::channel();
            self.files.orders.send(Order::Answer(answer)).unwrap();
            if obeyed.await.unwrap() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }

    /// How many watches the kernel keeps, besides the one on its own limit.
    pub(super) fn n_watches(&self) -> usize {
        let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{}", self.instance)).unwrap();
        info.lines().filter(|line| line.starts_with("inotify ")).count() - 1
    }

    pub(super) async fn troubled(&mut self) -> (TaskId, Option<String>) {
        match self.inbox.recv().await.unwrap() {
            Inbox::Event(Event::Troubled { task, why }) => (task, why),
            other => panic!("{other:?} instead of trouble"),
        }
    }

    pub(super) async fn noticed(&mut self) -> (TaskId, Vec<String>) {
        match self.inbox.recv().await.unwrap() {
            Inbox::Event(Event::Noticed { task, details, .. }) => (task, details.items),
            other => panic!("{other:?} instead of a change"),
        }
    }

    /// What is noticed for a task, without the home before it.
    pub(super) async fn names(&mut self, wanted: TaskId) -> Vec<String> {
        let home = self.path("").to_string_lossy().into_owned();
        let (task, mut items) = self.noticed().await;
        assert_eq!(task, wanted);
        items.iter_mut().for_each(|item| *item = item.replace(&home, ""));
        items.sort();
        items
    }

    /// Whether nothing has been noticed that is not taken yet.
    pub(super) fn is_quiet(&mut self) -> bool {
        self.inbox.is_empty()
    }
}
