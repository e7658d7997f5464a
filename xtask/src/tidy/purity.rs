//! Vocabulary, core and calendar stay pure: `no_std`, and no path into `std` outside their tests.

use super::code::code_of;
use super::problem::Problem;
use super::test_items::{Parted, part};
use super::tree::Tree;
use super::words::lines_with;

/// The sources of the pure crates.
const PURE: [&str; 3] = ["crates/oncue-calendar/src/", "crates/oncue-core/src/", "crates/oncue-types/src/"];
const ROOT: &str = "lib.rs";

/// A pure crate is `no_std`, and uses `std` only in tests.
pub(super) fn rule(tree: &Tree) -> Vec<Problem> {
    PURE.iter().flat_map(|sources| of_crate(tree, sources)).collect()
}

fn of_crate(tree: &Tree, sources: &str) -> Vec<Problem> {
    let root = format!("{sources}{ROOT}");
    let sources: Vec<_> = tree
        .ending(".rs")
        .filter(|(path, _)| path.starts_with(sources))
        .map(|(path, text)| (path, part(&code_of(text))))
        .collect();
    let tests: Vec<_> = sources.iter().flat_map(test_modules).collect();
    let mut problems = Vec::new();
    for (path, Parted { code, .. }) in &sources {
        if *path == root && !code.contains("#![no_std]") {
            let remedy = "add it below the file's first comment";
            problems.push(Problem::new(path, 1, "`#![no_std]` is missing", remedy));
        }
        if !tests.iter().any(|test| test.holds(path)) {
            problems.extend(lines_with(code, "std").map(|line| {
                let remedy = "use `core` or `alloc`, or take the fact as an input";
                Problem::new(path, line, "a pure crate names `std`", remedy)
            }));
        }
    }
    problems
}

/// A module in files of its own, without `.rs`.
struct Module(String);

impl Module {
    fn holds(&self, path: &str) -> bool {
        path.strip_prefix(&self.0).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
    }
}

/// The test modules that the file at `path` declares.
fn test_modules((path, parted): &(&str, Parted)) -> Vec<Module> {
    let own = path.trim_end_matches(".rs");
    let folder = match own.rsplit_once('/') {
        Some((folder, "lib" | "mod")) => folder,
        _ => own,
    };
    let modules = parted.modules.iter();
    modules.map(|name| Module(format!("{folder}/{name}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::fixture::Fixture;

    const CORE: &str = "crates/oncue-core/src/";
    const ROOT: &str = "crates/oncue-core/src/lib.rs";
    const PURE: &str = "//! Core.\n#![no_std]\nextern crate alloc;\nmod a;\n";

    fn core(path: &str, text: &str) -> Vec<String> {
        Fixture::new().file(ROOT, PURE).file(&format!("{CORE}{path}"), text).places(rule)
    }

    #[test]
    fn a_core_without_no_std_is_found() {
        let tree = Fixture::new().file(ROOT, "//! Core, not `#![no_std]`.\nmod a;\n");
        assert_eq!(tree.places(rule), ["crates/oncue-core/src/lib.rs:1"]);
    }

    #[test]
    fn the_calendar_is_bound_too() {
        let tree = Fixture::new().file("crates/oncue-calendar/src/lib.rs", "//! C.\nuse std::fs;\n");
        let root = "crates/oncue-calendar/src/lib.rs";
        assert_eq!(tree.places(rule), [format!("{root}:1"), format!("{root}:2")]);
    }

    #[test]
    fn a_path_into_std_is_found() {
        let places = core("a.rs", "//! A.\nuse std::fs;\nfn f() { ::std::process::abort() }\n");
        assert_eq!(places, ["crates/oncue-core/src/a.rs:2", "crates/oncue-core/src/a.rs:3"]);
    }

    #[test]
    fn comments_and_literals_may_name_std() {
        let text = "//! As in std::time.\nconst A: &str = \"std::fs\";\n";
        assert!(core("a.rs", text).is_empty());
    }

    #[test]
    fn test_modules_may_use_std_and_code_after_them_may_not() {
        let text = "//! A.\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\nuse std::io;\n";
        assert_eq!(core("a.rs", text), ["crates/oncue-core/src/a.rs:6"]);
    }

    #[test]
    fn a_test_module_in_its_own_file_may_use_std() {
        let tree = |declared: &str| {
            Fixture::new()
                .file(ROOT, PURE)
                .file("crates/oncue-core/src/a.rs", declared)
                .file("crates/oncue-core/src/a/laws.rs", "//! L.\nuse std::fs;\n")
                .places(rule)
        };
        assert!(tree("//! A.\n#[cfg(test)]\nmod laws;\n").is_empty());
        assert_eq!(tree("//! A.\nmod laws;\n"), ["crates/oncue-core/src/a/laws.rs:2"]);
    }

    #[test]
    fn other_crates_may_use_std() {
        let tree = Fixture::new().file("crates/oncue-broker/src/a.rs", "//! A.\nuse std::fs;\n");
        assert!(tree.places(rule).is_empty());
    }
}
