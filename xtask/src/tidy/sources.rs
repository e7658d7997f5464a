//! The names, first lines and lengths of Rust files.

use super::code::code_of;
use super::problem::Problem;
use super::tree::Tree;
use super::words::is_part;

/// The maximum number of lines of a Rust file.
const LONGEST: usize = 500;

/// Names that say nothing about the contents.
const EMPTY_NAMES: [&str; 9] =
    ["util", "utils", "helper", "helpers", "manager", "common", "misc", "types", "imp"];

/// Every Rust file begins by saying what it is, has at most 500 lines, and a meaningful name.
pub(super) fn rule(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in tree.ending(".rs") {
        problems.extend(opening(path, text));
        problems.extend(length(path, text));
        problems.extend(file_name(path));
        problems.extend(inline_modules(path, text));
    }
    problems
}

fn opening(path: &str, text: &str) -> Option<Problem> {
    let what = match text.lines().next().unwrap_or("").strip_prefix("//!") {
        None => "the file does not begin with `//!`",
        Some(sentence) if !sentence.contains(char::is_alphabetic) => "the file begins with an empty `//!`",
        Some(_) => return None,
    };
    let remedy = "say in the first line what the file is";
    Some(Problem::new(path, 1, what, remedy))
}

fn length(path: &str, text: &str) -> Option<Problem> {
    let lines = text.lines().count();
    (lines > LONGEST).then(|| {
        let what = format!("the file has {lines} lines, above {LONGEST}");
        Problem::new(path, LONGEST + 1, what, "split it by idea")
    })
}

fn file_name(path: &str) -> Option<Problem> {
    let name = path.trim_end_matches(".rs").split('/').find(|part| EMPTY_NAMES.contains(part))?;
    Some(empty_name(path, 1, name))
}

fn inline_modules(path: &str, text: &str) -> Vec<Problem> {
    let code = code_of(text);
    let lines = code.lines().enumerate();
    lines
        .filter_map(|(index, line)| {
            let name = declared_module(line)?;
            // `mod name;` is reported for the file that it names.
            let inline = !line.trim_end().ends_with(';');
            (inline && EMPTY_NAMES.contains(&name)).then(|| empty_name(path, index + 1, name))
        })
        .collect()
}

/// The name in `mod name`, at the start of a line apart from its visibility.
fn declared_module(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace().skip_while(|word| *word != "mod");
    words.next()?;
    words.next()?.split(|c| !is_part(c)).next()
}

fn empty_name(path: &str, line: usize, name: &str) -> Problem {
    let what = format!("the name `{name}` does not say what is inside");
    Problem::new(path, line, what, "name it after the idea it holds")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::fixture::Fixture;

    #[test]
    fn a_file_that_says_what_it_is_passes() {
        let tree = Fixture::new().file("src/clock.rs", "//! Time as the core sees it.\nmod a;\n");
        assert!(tree.places(rule).is_empty());
    }

    #[test]
    fn a_file_without_an_opening_is_found() {
        let tree = Fixture::new()
            .file("a.rs", "fn main() {}\n")
            .file("b.rs", "//!\n//! Late.\n")
            .file("c.rs", "")
            .file("d.rs", "//! –\n");
        assert_eq!(tree.places(rule), ["a.rs:1", "b.rs:1", "c.rs:1", "d.rs:1"]);
    }

    #[test]
    fn the_501st_line_is_found() {
        let rest = "\n".repeat(LONGEST - 1);
        let tree = Fixture::new()
            .file("fits.rs", &format!("//! Fits.\n{rest}"))
            .file("long.rs", &format!("//! Long.\n{rest}\n"));
        assert_eq!(tree.places(rule), ["long.rs:501"]);
    }

    #[test]
    fn names_that_say_nothing_are_found() {
        let tree = Fixture::new()
            .file("src/utils.rs", "//! Things.\n")
            .file("tests/common/mod.rs", "//! Things.\n")
            .file("src/a.rs", "//! A.\n\npub(crate) mod imp {\n}\nmod types;\n");
        assert_eq!(tree.places(rule), ["src/a.rs:3", "src/utils.rs:1", "tests/common/mod.rs:1"]);
    }
}
