//! `cargo xtask tidy`: rules of this tree that no other tool checks.

mod code;
mod edges;
#[cfg(test)]
mod fixture;
mod links;
mod problem;
mod sources;
mod tree;
mod unfinished;
mod white_space;
mod words;

use std::path::Path;
use std::process::ExitCode;

pub(crate) use problem::Problem;
pub(crate) use tree::TreeError;

use tree::Tree;

/// Each rule checks the whole tree, independently of the others.
const RULES: [fn(&Tree) -> Vec<Problem>; 5] =
    [sources::rule, edges::rule, white_space::rule, unfinished::rule, links::rule];

/// Returns all violations in the tree below `root`, ordered by file and line.
pub(crate) fn check(root: &Path) -> Result<Vec<Problem>, TreeError> {
    let tree = Tree::read(root)?;
    let mut problems: Vec<_> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    problems.sort();
    Ok(problems)
}

/// Prints all problems. The exit code is 0 if there are none, otherwise 1.
pub(crate) fn run(root: &Path) -> ExitCode {
    let problems = match check(root) {
        Ok(problems) => problems,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    for problem in &problems {
        println!("{problem}");
    }
    match problems.len() {
        0 => ExitCode::SUCCESS,
        count => {
            eprintln!("tidy: {count} to fix");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_tree_is_tidy() {
        let problems = check(&crate::workspace_root()).unwrap();
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
    }

    #[test]
    fn all_problems_are_told_at_once_in_order() {
        let tree = fixture::Fixture::new()
            .file("Cargo.toml", "[workspace]\nresolver = \"3\"\n")
            .file("b.rs", "fn main() {}\n")
            .file("a.md", "[x](gone.md) \n");
        let problems = check(tree.root()).unwrap();
        let places: Vec<_> = problems.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(places, ["a.md", "a.md", "b.rs"]);
    }
}
