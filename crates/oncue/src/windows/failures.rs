//! Which run of a task failed last, and why: notes between the processes of a package.
//!
//! Windows considers an error returned by `Run` temporary and starts the task again and again, so a
//! failed run does not return one. Listeners in the same package learn about the failure from these
//! notes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use oncue_types::Guid;

/// The notes of a package: a small file for each task whose last run failed.
#[derive(Clone, Debug)]
pub(crate) struct Failures {
    folder: PathBuf,
}

impl Failures {
    /// The notes in the package's local folder.
    pub(crate) fn below(local_folder: &Path) -> Self {
        Self { folder: local_folder.join(".oncue").join("failed") }
    }

    /// Records how a run ended: its error, or none.
    pub(crate) fn note(&self, task: Guid, instance: Guid, error: Option<&str>) -> io::Result<()> {
        let Some(error) = error else { return self.forget(task) };
        fs::create_dir_all(&self.folder)?;
        // Written to another file and then moved, so that readers find either the old note or the
        // new one.
        let beside = self.folder.join(format!("{instance}.new"));
        fs::write(&beside, format!("{instance}\n{error}"))?;
        fs::rename(&beside, self.file(task))
    }

    /// Removes the note of a task.
    pub(crate) fn forget(&self, task: Guid) -> io::Result<()> {
        match fs::remove_file(self.file(task)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Returns why a run failed, or `None` if it did not or if the note no longer exists.
    pub(crate) fn of(&self, task: Guid, instance: Guid) -> Option<String> {
        let text = fs::read_to_string(self.file(task)).ok()?;
        let (noted, error) = text.split_once('\n')?;
        (noted.parse() == Ok(instance)).then(|| error.to_owned())
    }

    fn file(&self, task: Guid) -> PathBuf {
        self.folder.join(task.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TASK: Guid = Guid::from_u128(1);
    const FIRST: Guid = Guid::from_u128(2);
    const SECOND: Guid = Guid::from_u128(3);

    #[test]
    fn the_last_failure_of_a_task_is_known_until_a_run_goes_well() {
        let folder = tempfile::tempdir().unwrap();
        let failures = Failures::below(folder.path());
        assert_eq!(failures.of(TASK, FIRST), None);
        failures.note(TASK, FIRST, Some("disk full\nreally")).unwrap();
        assert_eq!(failures.of(TASK, FIRST).as_deref(), Some("disk full\nreally"));
        assert_eq!(failures.of(TASK, SECOND), None);
        failures.note(TASK, SECOND, Some("again")).unwrap();
        assert_eq!(failures.of(TASK, FIRST), None);
        assert_eq!(failures.of(TASK, SECOND).as_deref(), Some("again"));
        failures.note(TASK, FIRST, None).unwrap();
        assert_eq!(failures.of(TASK, SECOND), None);
    }

    #[test]
    fn a_task_without_a_note_is_forgotten_without_error() {
        let folder = tempfile::tempdir().unwrap();
        Failures::below(folder.path()).forget(TASK).unwrap();
    }
}
