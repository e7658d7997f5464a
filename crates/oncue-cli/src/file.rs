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

/// Replaces a file as a whole, so that it is never half written. A new file can be read by its owner only; one
/// that exists keeps its permissions.
pub(crate) fn replace(path: &Path, text: &str) -> Result<(), NotWritten> {
    replaced(path, text).map_err(|source| NotWritten { path: path.to_owned(), source })
}

fn replaced(path: &Path, text: &str) -> io::Result<()> {
    if path.exists() && !path.is_file() {
        // A device or a pipe, such as /dev/stdout.
        return fs::write(path, text);
    }
    // A link stays, and what it leads to is replaced.
    let target = fs::canonicalize(path);
    let path = target.as_deref().unwrap_or(path);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    if let Ok(old) = fs::metadata(path) {
        file.as_file().set_permissions(old.permissions())?;
    }
    file.persist(path)?;
    Ok(())
}

impl From<NotWritten> for Failure {
    fn from(error: NotWritten) -> Self {
        Self::new(Exit::Failed, error).with_way_out("name a file in a folder that you can write to")
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn a_link_stays_and_its_target_keeps_its_permissions() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("tasks.toml"), folder.path().join("link.toml"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("tasks.toml", &link).unwrap();
        replace(&link, "new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        replace(&folder.path().join("new.toml"), "new").unwrap();
        assert_eq!(fs::metadata(folder.path().join("new.toml")).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
