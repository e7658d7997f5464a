//! Writes the files of a translation to a folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::translation::{File, is_ours};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::file;

/// Why the files are not written.
#[derive(Debug, thiserror::Error)]
enum FolderError {
    #[error("making the folder {}", path.display())]
    NoFolder { path: PathBuf, source: io::Error },
    #[error("reading {}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{} was not written by `oncue export`, so it is not replaced", path.display())]
    Occupied { path: PathBuf },
    #[error("{} belongs to another task whose name leads to the same file", path.display())]
    OtherTask { path: PathBuf },
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        match error {
            FolderError::NoFolder { .. } | FolderError::Unreadable { .. } => Self::new(Exit::Failed, error),
            FolderError::OtherTask { .. } => Self::new(Exit::Refused, error).with_way_out(
                "export both tasks together, or rename one of them with `oncue rename TASK NAME`",
            ),
            FolderError::Occupied { .. } => {
                Self::new(Exit::Refused, error).with_way_out("remove it, or choose another folder with `-o`")
            }
        }
    }
}

/// Writes the files. Nothing is written if one of them would replace a file of somebody else.
pub(super) fn write(folder: &Path, files: &[File]) -> Result<(), Failure> {
    let paths: Vec<PathBuf> = files.iter().map(|file| folder.join(&file.name)).collect();
    for (written, path) in files.iter().zip(&paths) {
        match fs::read(path).map(|old| String::from_utf8_lossy(&old).into_owned()) {
            Ok(old) if written.replaces(&old) => {}
            Ok(old) if is_ours(&old) => return Err(FolderError::OtherTask { path: path.clone() }.into()),
            Ok(_) => return Err(FolderError::Occupied { path: path.clone() }.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(FolderError::Unreadable { path: path.clone(), source }.into()),
        }
    }
    fs::create_dir_all(folder).map_err(|source| FolderError::NoFolder { path: folder.to_owned(), source })?;
    for (written, path) in files.iter().zip(&paths) {
        file::replace(path, &written.text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::translation::{Notes, Translation};
    use super::*;

    fn files_of(task: &str) -> Translation {
        let mut translation = Translation::default();
        translation.add(Notes::of(task), vec![("same-name.yaml".to_owned(), format!("of {task}\n"))]);
        translation
    }

    #[test]
    fn the_file_of_another_task_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            write(folder.path(), files_of("same name").files()).unwrap();
        }
        assert!(write(folder.path(), files_of("same-name").files()).is_err());
        let kept = fs::read_to_string(folder.path().join("same-name.yaml")).unwrap();
        assert!(kept.ends_with("of same name\n"), "{kept}");
    }
}
