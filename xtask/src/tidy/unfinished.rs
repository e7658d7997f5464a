//! No Rust file contains a mark of unfinished work.

use super::problem::Problem;
use super::tree::Tree;
use super::words::lines_with;

/// Composed of parts, so that this file does not contain the marks itself.
const MARKS: [&str; 4] =
    [concat!("to", "do!"), concat!("unimple", "mented!"), concat!("FIX", "ME"), concat!("XX", "X")];

/// Work that is unfinished belongs in an issue, not in the tree.
pub(super) fn rule(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in tree.ending(".rs") {
        for mark in MARKS {
            problems.extend(lines_with(text, mark).map(|line| {
                let what = format!("`{mark}` marks unfinished work");
                Problem::new(path, line, what, "finish it, or open an issue instead")
            }));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::fixture::Fixture;

    #[test]
    fn every_mark_is_found() {
        for mark in MARKS {
            let text = format!("//! A.\n\nfn f() {{\n    {mark}(\"later\")\n}}\n");
            let tree = Fixture::new().file("a.rs", &text);
            assert_eq!(tree.places(rule), ["a.rs:4"], "{mark}");
        }
    }

    #[test]
    fn a_longer_word_is_no_mark() {
        let text = format!("//! Template {0}{0}.\n", MARKS[3]);
        let tree = Fixture::new().file("a.rs", &text);
        assert!(tree.places(rule).is_empty());
    }
}
