//! Which files of output are removed: what is old, and what is too much. Runs that went wrong are kept in
//! preference to others, and the latest run of each task in preference to both.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use oncue_core::{TaskId, Wall};

use super::archive::{Archive, KeptRun};
use crate::config;

/// A file that may be removed.
#[derive(Debug)]
struct File {
    run: KeptRun,
    size: u64,
    /// When it was last written.
    written: Wall,
    /// Whether it is of the latest run of its task.
    is_latest: bool,
}

/// Files of which some may have to be removed.
#[derive(Debug, Default)]
struct Files {
    all: Vec<File>,
    size: u64,
}

/// After the limit of all files was reached, they are pruned to this share of it, so that this does not happen
/// after each run.
const SHARE: u64 = 9;
const OF: u64 = 10;

impl Files {
    /// Reads which files a task has, without those of runs that are alive.
    fn add(&mut self, archive: &Archive, task: TaskId, alive: &HashSet<PathBuf>) -> io::Result<()> {
        let runs = archive.runs(task)?;
        let latest = runs.last().map(|run| run.instance);
        for run in runs {
            // It may have been removed by someone else in between.
            let Ok(known) = fs::symlink_metadata(&run.path) else { continue };
            let written = wall(known.modified()?);
            self.size += known.len();
            if !alive.contains(&run.path) {
                let is_latest = Some(run.instance) == latest;
                self.all.push(File { run, size: known.len(), written, is_latest });
            }
        }
        Ok(())
    }

    /// Sorts what is to be removed first to the end.
    fn sort(&mut self) {
        self.all.sort_by_key(|file| {
            std::cmp::Reverse((file.is_latest, file.run.failed, file.run.began, file.run.instance))
        });
    }

    fn remove_last(&mut self) -> io::Result<bool> {
        let Some(file) = self.all.pop() else { return Ok(false) };
        self.remove(&file)?;
        Ok(true)
    }

    fn remove(&mut self, file: &File) -> io::Result<()> {
        match fs::remove_file(&file.run.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => {
                self.size = self.size.saturating_sub(file.size);
                Ok(())
            }
        }
    }
}

/// Removes what one task has too much of. Returns how many bytes were removed.
pub(super) fn task(
    archive: &Archive,
    limits: &config::Output,
    task: TaskId,
    alive: &HashSet<PathBuf>,
) -> io::Result<u64> {
    let mut files = Files::default();
    files.add(archive, task, alive)?;
    files.sort();
    let before = files.size;
    let most = usize::try_from(limits.runs_per_task).unwrap_or(usize::MAX);
    // The latest run stays, however large it is.
    while (files.all.len() > most || files.size > limits.bytes_per_task())
        && files.all.last().is_some_and(|file| !file.is_latest)
    {
        files.remove_last()?;
    }
    Ok(before - files.size)
}

/// Removes what is too old, and what all tasks together have too much of. Returns the size of what is left.
pub(super) fn all(
    archive: &Archive,
    limits: &config::Output,
    now: Wall,
    alive: &HashSet<PathBuf>,
) -> io::Result<u64> {
    let tasks = archive.ids()?;
    let mut files = Files::default();
    for task in &tasks {
        files.add(archive, *task, alive)?;
    }
    let is_old = |file: &File| now.since(file.written) > limits.keep;
    let (old, kept): (Vec<File>, _) = std::mem::take(&mut files.all).into_iter().partition(is_old);
    files.all = kept;
    for file in &old {
        files.remove(file)?;
    }
    if files.size > limits.bytes() {
        files.sort();
        while files.size > limits.bytes() / OF * SHARE && files.remove_last()? {}
    }
    for task in tasks {
        archive.remove_if_empty(task)?;
    }
    Ok(files.size)
}

/// Returns the time of a file as the broker counts it.
fn wall(time: SystemTime) -> Wall {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Wall(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// How often what is old is looked for.
pub(super) const EVERY: Duration = Duration::from_secs(86_400);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;
    use crate::output::archive::KeptTask;
    use crate::output::tests::{TASK, run};
    use oncue_core::Guid;
    use tempfile::TempDir;

    struct Kept {
        _state: TempDir,
        archive: Archive,
        limits: config::Output,
    }

    const OTHER: TaskId = TaskId(Guid::from_u128(2));
    const KIB: usize = 1 << 10;

    impl Kept {
        fn new() -> Self {
            let state = tempfile::tempdir().unwrap();
            let archive = Archive::below(state.path());
            for id in [TASK, OTHER] {
                let task = KeptTask { id, package: "App_x".into(), name: "sync".into() };
                archive.describe(&task).unwrap();
            }
            Self { _state: state, archive, limits: config::Output::default() }
        }

        fn add(&self, task: TaskId, number: u32, failed: bool, size: usize) -> PathBuf {
            let path = self.archive.path_of(task, run(number).instance, Wall(i64::from(number) * 1_000_000));
            let path = if failed { KeptRun::path_if_failed(&path) } else { path };
            fs::write(&path, vec![b'x'; size]).unwrap();
            path
        }

        fn numbers(&self, task: TaskId) -> Vec<i64> {
            self.archive.runs(task).unwrap().iter().map(|run| run.began.0 / 1_000_000).collect()
        }
    }

    #[test]
    fn of_a_task_the_oldest_that_went_well_goes_first_and_the_latest_stays() {
        let mut kept = Kept::new();
        kept.limits.runs_per_task = 3;
        for (number, failed) in [(1, true), (2, false), (3, true), (4, false), (5, true), (6, false)] {
            kept.add(TASK, number, failed, KIB);
        }
        let removed = task(&kept.archive, &kept.limits, TASK, &HashSet::new()).unwrap();
        assert_eq!((removed, kept.numbers(TASK)), (3 * KIB as u64, vec![3, 5, 6]));
        kept.limits.mib_per_task = 0;
        task(&kept.archive, &kept.limits, TASK, &HashSet::new()).unwrap();
        assert_eq!(kept.numbers(TASK), [6]);
    }

    #[test]
    fn what_is_old_goes_and_the_run_that_is_alive_stays() {
        let kept = Kept::new();
        let old = [1, 2].map(|number| kept.add(TASK, number, true, 1));
        kept.add(OTHER, 3, false, 1);
        let now = clock::now().wall;
        let later = now.after(kept.limits.keep + Duration::from_secs(60));
        let alive = HashSet::from([old[1].clone()]);
        assert_eq!(all(&kept.archive, &kept.limits, now, &alive).unwrap(), 3);
        assert_eq!(all(&kept.archive, &kept.limits, later, &alive).unwrap(), 1);
        assert_eq!(kept.numbers(TASK), [2]);
        assert!(!kept.archive.folder_of(OTHER).exists(), "nothing is left of that task");
    }

    #[test]
    fn all_together_have_a_limit() {
        let mut kept = Kept::new();
        kept.limits.mib = 1;
        for number in 1..=6 {
            kept.add(TASK, number, false, 100 * KIB);
            kept.add(OTHER, 10 + number, true, 100 * KIB);
        }
        let left = all(&kept.archive, &kept.limits, clock::now().wall, &HashSet::new()).unwrap();
        assert!(left <= (1 << 20) / 10 * 9 && left >= 700 * KIB as u64, "{left}");
        // Successful runs go first, the oldest of them before the others.
        assert_eq!((kept.numbers(TASK), kept.numbers(OTHER).len()), (vec![4, 5, 6], 6));
    }
}
