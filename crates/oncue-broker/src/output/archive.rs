//! The files that keep the output of runs, and how they are found without a broker.
//!
//! ```text
//! $XDG_STATE_HOME/oncue/output/
//!     TASK-ID/
//!         task                                  the task's package and name
//!         20261127T211041.123Z-RUN-ID.log       a run, named by when it first wrote something
//!         20261127T214502.007Z-RUN-ID.failed.log   a run that went wrong
//! ```

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use oncue_core::{InstanceId, TaskId, Wall};
use oncue_wire::Place;

use crate::regular;

/// The folder with the output of all tasks.
#[derive(Clone, Debug)]
pub struct Archive {
    folder: PathBuf,
}

/// A task of which output is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptTask {
    /// Its id.
    pub id: TaskId,
    /// Its package's family name.
    pub package: String,
    /// Its name when it last ran.
    pub name: String,
}

/// A run of which output is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeptRun {
    /// When it first wrote something.
    pub began: Wall,
    /// Its id.
    pub instance: InstanceId,
    /// Whether it has ended and went wrong.
    pub failed: bool,
    /// Its file.
    pub path: PathBuf,
}

/// The name of the file that describes a task.
const ABOUT: &str = "task";
/// The longest description that is read.
const MAX_ABOUT: usize = 64 << 10;
const SUFFIX: &str = ".log";
const FAILED: &str = ".failed.log";
/// A file that is being shortened.
const UNFINISHED: &str = ".new";

impl Archive {
    /// Returns the archive of a user; it need not exist.
    #[must_use]
    pub fn of(place: &Place) -> Self {
        Self::below(&place.state)
    }

    pub(crate) fn below(state: &Path) -> Self {
        Self { folder: state.join("output") }
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the folder of a task.
    #[must_use]
    pub fn folder_of(&self, task: TaskId) -> PathBuf {
        self.folder.join(task.to_string())
    }

    /// Returns the tasks of which output is kept.
    ///
    /// # Errors
    /// Returns an error if the folder cannot be read.
    pub fn tasks(&self) -> io::Result<Vec<KeptTask>> {
        let described = |id: TaskId| {
            let text = regular::read(&self.folder_of(id).join(ABOUT), MAX_ABOUT).ok()?;
            let text = String::from_utf8(text).ok()?;
            let (package, name) = text.split_once('\n')?;
            let name = name.strip_suffix('\n').unwrap_or(name);
            Some(KeptTask { id, package: package.to_owned(), name: name.to_owned() })
        };
        Ok(self.ids()?.into_iter().filter_map(described).collect())
    }

    /// Returns the ids of the tasks that have a folder.
    pub(super) fn ids(&self) -> io::Result<Vec<TaskId>> {
        let names = names_in(&self.folder)?;
        Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
    }

    /// Returns the runs of a task of which output is kept, latest last.
    ///
    /// # Errors
    /// Returns an error if the task's folder cannot be read.
    pub fn runs(&self, task: TaskId) -> io::Result<Vec<KeptRun>> {
        let folder = self.folder_of(task);
        let mut runs: Vec<KeptRun> =
            names_in(&folder)?.iter().filter_map(|name| KeptRun::named(&folder, name)).collect();
        runs.sort_unstable();
        Ok(runs)
    }

    /// Returns the file of a run, if there is one.
    ///
    /// # Errors
    /// Returns an error if the task's folder cannot be read.
    pub fn run(&self, task: TaskId, instance: InstanceId) -> io::Result<Option<KeptRun>> {
        Ok(self.runs(task)?.into_iter().find(|run| run.instance == instance))
    }

    /// Creates the folder of a task if it does not exist, and describes the task in it. The folder above the
    /// archive must exist: nothing of a home that was removed is created again.
    pub(super) fn describe(&self, task: &KeptTask) -> io::Result<()> {
        let folder = self.folder_of(task.id);
        private_folder(&self.folder)?;
        private_folder(&folder)?;
        let text = format!("{}\n{}\n", task.package, task.name);
        let path = folder.join(ABOUT);
        if regular::read(&path, MAX_ABOUT).is_ok_and(|known| known == text.as_bytes()) {
            return Ok(());
        }
        replace(&path, text.as_bytes())
    }

    /// Returns the path of the file of a run that first writes something now.
    pub(super) fn path_of(&self, task: TaskId, instance: InstanceId, now: Wall) -> PathBuf {
        let now = Timestamp::from_microsecond(now.0.max(0)).unwrap_or(Timestamp::MAX);
        let name = format!("{}-{instance}{SUFFIX}", now.strftime("%Y%m%dT%H%M%S%.3fZ"));
        self.folder_of(task).join(name)
    }

    /// Removes a task's folder if it has no runs.
    pub(super) fn remove_if_empty(&self, task: TaskId) -> io::Result<()> {
        if self.runs(task)?.is_empty() {
            fs::remove_dir_all(self.folder_of(task))?;
        }
        Ok(())
    }

    /// Removes what an earlier broker left unfinished in a task's folder.
    pub(super) fn tidy(&self, task: TaskId) {
        let folder = self.folder_of(task);
        for name in names_in(&folder).unwrap_or_default() {
            if name.ends_with(UNFINISHED) {
                let _ = fs::remove_file(folder.join(name));
            }
        }
    }
}

impl KeptRun {
    fn named(folder: &Path, name: &str) -> Option<Self> {
        let failed = name.ends_with(FAILED);
        let stem = name.strip_suffix(FAILED).or_else(|| name.strip_suffix(SUFFIX))?;
        let (began, instance) = stem.split_once('-')?;
        let began: Timestamp = began.parse().ok()?;
        let path = folder.join(name);
        Some(Self { began: Wall(began.as_microsecond()), instance: instance.parse().ok()?, failed, path })
    }

    /// Returns the path that the file has when the run has gone wrong.
    pub(super) fn path_if_failed(path: &Path) -> PathBuf {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let stem = name.strip_suffix(FAILED).or_else(|| name.strip_suffix(SUFFIX)).unwrap_or(&name);
        path.with_file_name(format!("{stem}{FAILED}"))
    }
}

/// Replaces a file, so that it has either its old or its new content.
pub(super) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;

    let mut name = path.as_os_str().to_owned();
    name.push(UNFINISHED);
    let mut options = fs::OpenOptions::new();
    let options = options.write(true).create(true).truncate(true).mode(0o600);
    let written = regular::open(Path::new(&name), options).and_then(|mut file| file.write_all(content));
    let replaced = written.and_then(|()| fs::rename(&name, path));
    if replaced.is_err() {
        let _ = fs::remove_file(&name);
    }
    replaced
}

fn private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;

    match fs::DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        created => created,
    }
}

/// Returns the names in a folder, which are none if it does not exist.
fn names_in(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let names = entries.map(|entry| Ok(entry?.file_name().into_string().ok()));
    names.filter_map(io::Result::transpose).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::tests::{TASK, run};
    use std::os::unix::fs::PermissionsExt as _;

    fn task(name: &str) -> KeptTask {
        KeptTask { id: TASK, package: "App_x".into(), name: name.into() }
    }

    #[test]
    fn a_task_is_found_by_its_last_name_and_its_runs_in_their_order() {
        let state = tempfile::tempdir().unwrap();
        let archive = Archive::below(state.path());
        assert_eq!((archive.tasks().unwrap(), archive.runs(TASK).unwrap()), (vec![], vec![]));
        for name in ["before", "after\nall"] {
            archive.describe(&task(name)).unwrap();
        }
        assert_eq!(archive.tasks().unwrap(), [task("after\nall")]);
        let paths = [30, 10, 20].map(|second| {
            let path = archive.path_of(TASK, run(second).instance, Wall(i64::from(second) * 1_000_000));
            fs::write(&path, "").unwrap();
            path
        });
        fs::rename(&paths[2], KeptRun::path_if_failed(&paths[2])).unwrap();
        fs::write(archive.folder_of(TASK).join("of somebody else.log"), "").unwrap();
        let found = archive.runs(TASK).unwrap();
        let shown: Vec<_> = found.iter().map(|run| (run.began.0 / 1_000_000, run.failed)).collect();
        assert_eq!(shown, [(10, false), (20, true), (30, false)]);
        assert_eq!(found[2], archive.run(TASK, run(30).instance).unwrap().unwrap());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(archive.folder()), 0o700);
        assert_eq!(mode(&archive.folder_of(TASK).join(ABOUT)), 0o600);
    }

    #[test]
    fn a_home_that_was_removed_is_not_created_again() {
        let state = tempfile::tempdir().unwrap();
        let gone = state.path().join("gone");
        assert!(Archive::below(&gone).describe(&task("sync")).is_err());
        assert!(!gone.exists());
    }

    #[test]
    fn what_is_unfinished_is_removed_and_so_is_a_folder_without_runs() {
        let state = tempfile::tempdir().unwrap();
        let archive = Archive::below(state.path());
        archive.describe(&task("sync")).unwrap();
        let path = archive.path_of(TASK, run(1).instance, Wall(0));
        fs::write(&path, "").unwrap();
        fs::write(archive.folder_of(TASK).join("x.log.new"), "").unwrap();
        archive.tidy(TASK);
        archive.remove_if_empty(TASK).unwrap();
        assert_eq!(names_in(&archive.folder_of(TASK)).unwrap().len(), 2);
        fs::remove_file(path).unwrap();
        archive.remove_if_empty(TASK).unwrap();
        assert!(!archive.folder_of(TASK).exists());
    }
}
