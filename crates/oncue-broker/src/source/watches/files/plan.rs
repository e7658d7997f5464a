//! Which folders must be watched to see a path change, as the file system stands.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder to be watched, and what of it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Post {
    pub(super) folder: PathBuf,
    pub(super) role: Role,
}

/// What a folder is to the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It leads there: what happens to this entry matters, and is a change when it is the path itself.
    Leads { next: OsString, is_path: bool },
    /// It is the folder, or lies below it: whatever happens in it is a change.
    Within,
}

/// Returns the folders that lead to `path`, from the nearest that exists, and the path itself if it is
/// a folder.
pub(super) fn to(path: &Path) -> Vec<Post> {
    let mut posts = Vec::new();
    let mut below = path;
    while let (Some(folder), Some(next)) = (below.parent(), below.file_name()) {
        if folder.is_dir() {
            let role = Role::Leads { next: next.to_owned(), is_path: below == path };
            posts.push(Post { folder: folder.to_owned(), role });
            // The folder may be moved away itself: the next one up sees that.
            if posts.len() == 2 {
                break;
            }
        }
        below = folder;
    }
    if path.is_dir() {
        posts.push(Post { folder: path.to_owned(), role: Role::Within });
    }
    posts
}

/// Returns the folders below `folder`, and all that lies in them; a symbolic link is not followed,
/// and what cannot be read is left out.
pub(super) fn below(folder: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let (mut folders, mut entries) = (Vec::new(), Vec::new());
    let mut ahead = vec![folder.to_owned()];
    while let Some(folder) = ahead.pop() {
        let Ok(listed) = fs::read_dir(&folder) else { continue };
        for entry in listed.flatten() {
            let path = entry.path();
            entries.push(path.clone());
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path.clone());
                ahead.push(path);
            }
        }
    }
    (folders, entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_not_there_is_awaited_where_it_would_begin() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().canonicalize().unwrap();
        let posts = to(&home.join("a/b/c"));
        let leads = |next: &str, is_path| Role::Leads { next: next.into(), is_path };
        assert_eq!(posts[0], Post { folder: home.clone(), role: leads("a", false) });
        assert_eq!(posts[1].folder, home.parent().unwrap(), "and where its folder itself would go");

        fs::create_dir_all(home.join("a/b")).unwrap();
        assert_eq!(to(&home.join("a/b/c"))[0], Post { folder: home.join("a/b"), role: leads("c", true) });
        fs::create_dir(home.join("a/b/c")).unwrap();
        let last = to(&home.join("a/b/c")).pop().unwrap();
        assert_eq!(last, Post { folder: home.join("a/b/c"), role: Role::Within });
    }

    #[test]
    fn what_lies_below_is_found_and_links_lead_nowhere() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join("a/b")).unwrap();
        fs::write(home.path().join("a/b/file"), "").unwrap();
        std::os::unix::fs::symlink(home.path(), home.path().join("a/loop")).unwrap();
        let (mut folders, entries) = below(home.path());
        folders.sort();
        assert_eq!(folders, [home.path().join("a"), home.path().join("a/b")]);
        assert_eq!(entries.len(), 4);
    }
}
