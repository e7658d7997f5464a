//! No line of a text file ends in white space, and every such file ends with a line end.

use super::problem::Problem;
use super::tree::Tree;

/// Lines have no trailing white space, and the last line ends with a line end.
pub(super) fn rule(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in tree.texts() {
        for (index, line) in text.split('\n').enumerate() {
            if line.ends_with(char::is_whitespace) {
                let what = "white space ends the line";
                problems.push(Problem::new(path, index + 1, what, "remove it"));
            }
        }
        if !text.is_empty() && !text.ends_with('\n') {
            let what = "the last line has no line end";
            let last = text.split('\n').count();
            problems.push(Problem::new(path, last, what, "add one"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::fixture::Fixture;

    #[test]
    fn clean_and_empty_files_pass() {
        let tree = Fixture::new().file("a.md", "a\n\nb\n").file("b.txt", "");
        assert!(tree.places(rule).is_empty());
    }

    #[test]
    fn white_space_at_the_end_of_a_line_is_found() {
        let tree = Fixture::new().file("a.md", "a\nb \n").file("b.toml", "c\t\n").file("c.xml", "<c/>\r\n");
        assert_eq!(tree.places(rule), ["a.md:2", "b.toml:1", "c.xml:1"]);
    }

    #[test]
    fn a_missing_last_line_end_is_found() {
        let tree = Fixture::new().file("a.sh", "true\ntrue");
        assert_eq!(tree.places(rule), ["a.sh:2"]);
    }

    #[test]
    fn files_that_are_not_text_are_left_alone() {
        let tree = Fixture::new().file("a.snap", "a \nb");
        assert!(tree.places(rule).is_empty());
    }
}
