//! A small repository in a temporary folder, for the tests of the rules.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::problem::Problem;
use super::tree::Tree;

/// A repository of git that lives as long as the value.
pub(super) struct Fixture {
    folder: TempDir,
}

impl Fixture {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut git = Command::new("git");
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
            git.env_remove(name);
        }
        let status = git.args(["init", "--quiet"]).arg(folder.path()).status();
        assert!(status.unwrap().success());
        Self { folder }
    }

    pub(super) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn file(self, path: &str, text: &str) -> Self {
        let full = self.root().join(path);
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(full, text).unwrap();
        self
    }

    pub(super) fn tree(&self) -> Tree {
        Tree::read(self.root()).unwrap()
    }

    /// Where `rule` finds something, as `path:line`.
    pub(super) fn places(&self, rule: fn(&Tree) -> Vec<Problem>) -> Vec<String> {
        let problems = rule(&self.tree());
        problems.iter().map(|problem| format!("{}:{}", problem.path, problem.line)).collect()
    }
}
