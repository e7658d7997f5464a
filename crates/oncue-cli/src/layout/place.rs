//! Putting a folder in its place in one step, so that nobody ever sees half of it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::layout::error::LayoutError;

/// A file or folder, and where it goes.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) from: PathBuf,
    /// Relative to the folder that is made.
    pub(super) to: PathBuf,
}

impl Piece {
    /// Names a file and where it goes.
    pub(super) fn file(from: PathBuf, to: impl Into<PathBuf>) -> Self {
        Self { from, to: to.into() }
    }
}

/// Makes a folder of copies of the pieces, in place of what is there.
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

/// Makes a folder on the same file system, which is taken away again unless it is moved.
fn beside(parent: &Path) -> io::Result<TempDir> {
    let mut folder = tempfile::Builder::new();
    folder.prefix(".layout-");
    #[cfg(not(windows))]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any folder: what the user's mask leaves of it.
        folder.permissions(fs::Permissions::from_mode(0o777));
    }
    folder.tempdir_in(parent)
}

/// Copies a file, or a folder with all in it; links become what they point to.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            // A link to a folder could lead round in circles.
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

/// Moves a new folder to its place; the old one goes with `made` when that is dropped.
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

/// Exchanges the names of two folders, and returns false where that cannot be done.
#[cfg(not(windows))]
fn exchanged(one: &Path, other: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        // Not every file system can.
        Err(Errno::INVAL | Errno::NOSYS) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Windows has no such call.
#[cfg(windows)]
fn exchanged(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

// With permissions as Unix has them, and files that are replaced while they are open.
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
        assert_eq!(io::read_to_string(old).unwrap(), "one", "who has the old file open keeps it");
        let left: Vec<_> = fs::read_dir(root.path().join("out")).unwrap().flatten().collect();
        assert_eq!(left.len(), 1, "nothing is left beside it");
    }
}
