//! Writes files that a person names.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::exit::Exit;
use crate::failure::Failure;

/// A file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("writing {}", path.display())]
pub(crate) struct NotWritten {
    path: PathBuf,
    source: io::Error,
}

/// Replaces a file as a whole, so that it is never half written.
pub(crate) fn replace(path: &Path, text: &str) -> Result<(), NotWritten> {
    replaced(path, text).map_err(|source| NotWritten { path: path.to_owned(), source })
}

fn replaced(path: &Path, text: &str) -> io::Result<()> {
    if path.exists() && !path.is_file() {
        // A device or a pipe, such as /dev/stdout.
        return fs::write(path, text);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}

impl From<NotWritten> for Failure {
    fn from(error: NotWritten) -> Self {
        Self::new(Exit::Failed, error).with_way_out("name a file in a folder that you can write to")
    }
}
