//! The endpoints that tasks were told, stored so that a restart does not announce them again.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use oncue_core::TaskId;

use crate::errand::Errands;

/// How long reading or writing a file may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// A folder with a file for each task, which contains its endpoint.
pub(super) struct Endpoints {
    folder: PathBuf,
    errands: Errands,
}

impl Endpoints {
    pub(super) const fn in_folder(folder: PathBuf, errands: Errands) -> Self {
        Self { folder, errands }
    }

    /// Records a task's endpoint; returns whether it differs from the recorded one, or none is known.
    ///
    /// If it cannot be recorded, it is announced again after a restart, which is harmless.
    pub(super) async fn changes(&self, task: TaskId, url: &str) -> bool {
        let (folder, file, url) = (self.folder.clone(), self.file(task), url.to_owned());
        let shown = file.display().to_string();
        let keep = move || {
            if fs::read_to_string(&file).is_ok_and(|known| known == url) {
                return Ok(false);
            }
            fs::create_dir_all(&folder).and_then(|()| fs::write(&file, url)).map(|()| true)
        };
        let why = match self.errands.ask(&self.folder, PATIENCE, keep).await {
            Ok(Ok(changes)) => return changes,
            Ok(Err(error)) => error.to_string(),
            Err(unanswered) => unanswered.to_string(),
        };
        tracing::warn!("{shown}: {why}; the endpoint will be announced again after a restart");
        true
    }

    pub(super) async fn forget(&self, task: TaskId) {
        let file = self.file(task);
        // A task that was never announced has none, and a file that remains is harmless.
        let _ = self.errands.ask(&self.folder, PATIENCE, move || fs::remove_file(file)).await;
    }

    fn file(&self, task: TaskId) -> PathBuf {
        self.folder.join(task.to_string())
    }
}
