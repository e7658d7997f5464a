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
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        match error {
            FolderError::NoFolder { .. } | FolderError::Unreadable { .. } => Self::new(Exit::Failed, error),
            FolderError::Occupied { .. } => {
                Self::new(Exit::Refused, error).with_way_out("remove it, or choose another folder with `-o`")
            }
        }
    }
}

/// Writes the files. Nothing is written if one of them would replace a file of somebody else.
pub(super) fn write(folder: &Path, files: &[File]) -> Result<(), Failure> {
    let paths: Vec<PathBuf> = files.iter().map(|file| folder.join(&file.name)).collect();
    for path in &paths {
        match fs::read(path) {
            Ok(old) if is_ours(&String::from_utf8_lossy(&old)) => {}
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
