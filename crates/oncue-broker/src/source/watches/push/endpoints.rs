//! The endpoints that tasks were told, kept so that a restart does not tell them again.

use std::fs;
use std::path::PathBuf;

use oncue_core::TaskId;

/// A folder with a file for each task, which holds its endpoint.
pub(super) struct Endpoints {
    folder: PathBuf,
}

impl Endpoints {
    pub(super) const fn in_folder(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Takes note of a task's endpoint; returns whether it is another one than before.
    pub(super) fn changes(&self, task: TaskId, url: &str) -> bool {
        let file = self.file(task);
        if fs::read_to_string(&file).is_ok_and(|known| known == url) {
            return false;
        }
        // A task that cannot be remembered is told again after a restart, which does no harm.
        let kept = fs::create_dir_all(&self.folder).and_then(|()| fs::write(&file, url));
        if let Err(error) = kept {
            tracing::warn!("{}: {error}; the endpoint is announced again after a restart", file.display());
        }
        true
    }

    pub(super) fn forget(&self, task: TaskId) {
        // There is none for a task that was never told.
        let _ = fs::remove_file(self.file(task));
    }

    fn file(&self, task: TaskId) -> PathBuf {
        self.folder.join(task.to_string())
    }
}
