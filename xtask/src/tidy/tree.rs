//! The files that the rules check: all that git tracks or would track.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The extensions of files whose text the rules read.
const TEXT: [&str; 6] = [".rs", ".md", ".toml", ".sh", ".xml", ".txt"];

/// Why the files could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TreeError {
    /// git could not be started.
    #[error("git ls-files in {root} does not start: {source}; install git")]
    NoGit {
        /// The folder.
        root: PathBuf,
        /// The error.
        source: io::Error,
    },
    /// git refused to list the files.
    #[error("git ls-files in {root} ended with {status}: {stderr}")]
    Git {
        /// The folder.
        root: PathBuf,
        /// How git ended.
        status: std::process::ExitStatus,
        /// The output of git.
        stderr: String,
    },
    /// A listed file could not be read.
    #[error("{path} cannot be read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The error.
        source: io::Error,
    },
}

/// A file of the tree.
#[derive(Debug)]
pub(super) struct File {
    /// Relative to the root, with `/` between folders.
    pub(super) path: String,
    /// The contents of a text file, otherwise `None`. Invalid UTF-8 is replaced by U+FFFD.
    pub(super) text: Option<String>,
}

/// The workspace, as seen by the rules.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) root: PathBuf,
    pub(super) files: Vec<File>,
}

impl Tree {
    /// Reads the files below `root` that git tracks, or would track if they were added.
    pub(super) fn read(root: &Path) -> Result<Self, TreeError> {
        let mut files = Vec::new();
        for path in listed(root)? {
            let full = root.join(&path);
            // A tracked file may have been deleted; a link is checked where it points to.
            if full.symlink_metadata().is_ok_and(|meta| meta.is_file()) {
                let text = text_of(&full, &path)?;
                files.push(File { path, text });
            }
        }
        Ok(Self { root: root.to_owned(), files })
    }

    /// Returns the text files whose names end with `end`, with their contents.
    pub(super) fn ending(&self, end: &str) -> impl Iterator<Item = (&str, &str)> {
        self.texts().filter(move |(path, _)| path.ends_with(end))
    }

    /// Returns all text files, with their contents.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter_map(|file| Some((file.path.as_str(), file.text.as_deref()?)))
    }
}

fn listed(root: &Path) -> Result<BTreeSet<String>, TreeError> {
    let mut git = Command::new("git");
    git.arg("-C").arg(root);
    git.args(["ls-files", "-co", "--exclude-standard", "-z"]);
    // A git hook sets these, and they would lead away from `root`.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        git.env_remove(name);
    }
    let output = git.output().map_err(|source| TreeError::NoGit { root: root.to_owned(), source })?;
    if !output.status.success() {
        return Err(TreeError::Git {
            root: root.to_owned(),
            status: output.status,
            stderr: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        });
    }
    let paths = String::from_utf8_lossy(&output.stdout);
    Ok(paths.split_terminator('\0').map(ToOwned::to_owned).collect())
}

fn text_of(full: &Path, path: &str) -> Result<Option<String>, TreeError> {
    if !TEXT.iter().any(|end| path.ends_with(end)) {
        return Ok(None);
    }
    let bytes = std::fs::read(full).map_err(|source| TreeError::Read { path: full.to_owned(), source })?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

#[cfg(test)]
mod tests {
    use crate::tidy::fixture::Fixture;

    #[test]
    fn untracked_files_count_and_ignored_ones_do_not() {
        let tree = Fixture::new()
            .file(".gitignore", "target/\n")
            .file("target/made.rs", "//! Made.\n")
            .file("src/a.rs", "//! A.\n")
            .tree();
        let paths: Vec<_> = tree.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, [".gitignore", "src/a.rs"]);
    }

    #[test]
    fn a_folder_that_git_does_not_know_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        // Prevents git from finding a repository further up.
        std::fs::write(folder.path().join(".git"), "gitdir: nowhere\n").unwrap();
        let error = super::Tree::read(folder.path()).unwrap_err();
        assert!(matches!(error, super::TreeError::Git { .. }), "{error}");
    }
}
