//! Reads the files and folders that a person names.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::place::{Mistake, Mistakes};
use super::{Declared, read};

/// Why the files do not describe tasks.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GatherError {
    /// Something cannot be read.
    #[error("reading {}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// A folder has no file for tasks.
    #[error("the folder {} contains no file *.toml", folder.display())]
    Empty {
        /// The folder.
        folder: PathBuf,
    },
    /// The files contain mistakes.
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
}

/// The name that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// Reads all tasks of these files and folders. If there are mistakes, returns all of them.
pub(crate) fn gather(paths: &[PathBuf]) -> Result<Vec<Declared>, GatherError> {
    let (mut tasks, mut mistakes) = (Vec::new(), Vec::new());
    for file in files(paths)? {
        let unreadable = |source| GatherError::Unreadable { path: file.clone(), source };
        let name = file.display().to_string();
        let read = if file == Path::new(STANDARD_INPUT) {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text).map_err(unreadable)?;
            read("standard input", Path::new("."), &text)
        } else {
            let text = fs::read_to_string(&file).map_err(unreadable)?;
            read(&name, file.parent().unwrap_or(Path::new(".")), &text)
        };
        match read {
            Ok(mut more) => tasks.append(&mut more),
            Err(more) => mistakes.append(&mut more.into_vec()),
        }
    }
    mistakes.extend(repeated(&tasks));
    Ok(Mistakes::unless(mistakes, tasks)?)
}

/// Returns the files, with those of folders in the order of their names.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, GatherError> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let unreadable = |source| GatherError::Unreadable { path: path.clone(), source };
        let entries = fs::read_dir(path).map_err(unreadable)?;
        let mut found =
            entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>().map_err(unreadable)?;
        found.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
        if found.is_empty() {
            return Err(GatherError::Empty { folder: path.clone() });
        }
        found.sort();
        files.append(&mut found);
    }
    Ok(files)
}

fn repeated(tasks: &[Declared]) -> Vec<Mistake> {
    let mut first = BTreeMap::new();
    let mut mistakes = Vec::new();
    for task in tasks {
        match first.entry(&task.name) {
            Entry::Vacant(entry) => {
                entry.insert(&task.place);
            }
            Entry::Occupied(entry) => {
                let what = format!("task `{}` is also described at {}", task.name, entry.get());
                mistakes.push(Mistake::at(task.place.clone(), what));
            }
        }
    }
    mistakes
}
