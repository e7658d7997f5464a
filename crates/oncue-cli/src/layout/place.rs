//! Puts a folder in its place in one step, so that it is never seen half finished.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::layout::error::LayoutError;

/// A file or folder, and its destination.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) from: PathBuf,
    /// Relative to the new folder.
    pub(super) to: PathBuf,
}

impl Piece {
    /// A file and its destination.
    pub(super) fn file(from: PathBuf, to: impl Into<PathBuf>) -> Self {
        Self { from, to: to.into() }
    }
}

/// Creates a folder with copies of the pieces, replacing an existing folder.
pub(super) fn place(folder: &Path, pieces: &[Piece]) -> Result<(), LayoutError> {
    let wrong = |path: &Path| {
        let path = path.to_owned();
        move |source| LayoutError::File { path, source }
    };
    let parent = folder.parent().unwrap_or(folder);
    fs::create_dir_all(parent).map_err(wrong(parent))?;
    let made = beside(parent).map_err(wrong(parent))?;
    for Piece { from, to } in pieces {
        copy(from, &made.path().join(to)).map_err(wrong(from))?;
    }
    replace(&made, folder).map_err(wrong(folder))
}

/// Creates a folder on the same file system, which is removed again unless it is moved.
fn beside(parent: &Path) -> io::Result<TempDir> {
    let mut folder = tempfile::Builder::new();
    folder.prefix(".layout-");
    #[cfg(not(windows))]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // The usual permissions, reduced by the user's umask.
        folder.permissions(fs::Permissions::from_mode(0o777));
    }
    folder.tempdir_in(parent)
}

/// Copies a file, or a folder with its contents. Links are replaced by copies of their targets.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            // A link to a folder could lead to an endless loop.
            if !(entry.file_type()?.is_symlink() && entry.path().is_dir()) {
                copy(&entry.path(), &to.join(entry.file_name()))?;
            }
        }
        return Ok(());
    }
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::copy(from, to).map(drop)
}

/// Moves a new folder to its place. The old one is removed when `made` is dropped.
fn replace(made: &TempDir, folder: &Path) -> io::Result<()> {
    if fs::symlink_metadata(folder).is_err() {
        return fs::rename(made.path(), folder);
    }
    if exchanged(made.path(), folder)? {
        return Ok(());
    }
    let old = beside(folder.parent().unwrap_or(folder))?;
    fs::rename(folder, old.path().join("old"))?;
    fs::rename(made.path(), folder)
}

/// Exchanges the names of two folders; returns false if that is not supported.
#[cfg(not(windows))]
fn exchanged(one: &Path, other: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        // Not every file system supports this.
        Err(Errno::INVAL | Errno::NOSYS) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Windows has no such call.
#[cfg(windows)]
fn exchanged(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

// These tests use Unix permissions, and replace files while they are open.
#[cfg(all(test, not(windows)))]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_new_layout_takes_the_place_of_the_old_one() {
        let root = tempfile::tempdir().unwrap();
        let source = root.path().join("source");
        fs::create_dir_all(source.join("Assets/deep")).unwrap();
        fs::write(source.join("program"), "one").unwrap();
        fs::set_permissions(source.join("program"), Permissions::from_mode(0o755)).unwrap();
        fs::write(source.join("Assets/deep/a.png"), "picture").unwrap();
        let folder = root.path().join("out/package");
        let pieces = [
            Piece::file(source.join("program"), "bin/program"),
            Piece { from: source.join("Assets"), to: "Assets".into() },
        ];
        place(&folder, &pieces).unwrap();
        let old = fs::File::open(folder.join("bin/program")).unwrap();
        fs::write(source.join("program"), "two, and longer").unwrap();

        place(&folder, &pieces[..1]).unwrap();

        assert_eq!(fs::read_to_string(folder.join("bin/program")).unwrap(), "two, and longer");
        assert_eq!(fs::metadata(folder.join("bin/program")).unwrap().permissions().mode() & 0o111, 0o111);
        assert!(!folder.join("Assets").exists(), "the old layout is gone as a whole");
        assert_eq!(io::read_to_string(old).unwrap(), "one", "an open file is kept");
        let left: Vec<_> = fs::read_dir(root.path().join("out")).unwrap().flatten().collect();
        assert_eq!(left.len(), 1, "nothing is left beside it");
    }
}
