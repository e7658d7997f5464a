//! Every relative link of a Markdown file leads to a file or folder of the tree.

use std::collections::BTreeSet;

use super::problem::Problem;
use super::tree::Tree;

/// Reports links to files that do not exist; links to the web are not checked.
pub(super) fn rule(tree: &Tree) -> Vec<Problem> {
    let places = places(tree);
    let mut problems = Vec::new();
    for (path, text) in tree.ending(".md") {
        for (line, target) in links(text) {
            let Some(place) = resolve(path, &target) else {
                continue;
            };
            if !places.contains(place.as_str()) {
                let what = format!("the link `{target}` leads to no file of the tree");
                problems.push(Problem::new(path, line, what, "fix or remove the link"));
            }
        }
    }
    problems
}

/// All files and the folders that contain them.
fn places(tree: &Tree) -> BTreeSet<&str> {
    let mut places = BTreeSet::from([""]);
    for file in &tree.files {
        let folders = file.path.match_indices('/').map(|(at, _)| &file.path[..at]);
        places.extend(folders);
        places.insert(&file.path);
    }
    places
}

/// Resolves `target` in the file `from`; `None` if it leads to the web or stays in the file. A path
/// above the root keeps its `..` and is therefore never found.
fn resolve(from: &str, target: &str) -> Option<String> {
    let path = target.split(['#', '?']).next().unwrap_or("");
    let scheme = path.split_once(':').is_some_and(|(name, _)| !name.contains('/'));
    if path.is_empty() || scheme || path.starts_with("//") {
        return None;
    }
    let mut parts: Vec<&str> = match path.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => from.split('/').collect(),
    };
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Returns the targets of all links outside code, with their lines.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut fence = None;
    for (index, line) in text.lines().enumerate() {
        let mark = ["```", "~~~"].into_iter().find(|mark| line.trim_start().starts_with(mark));
        match (fence, mark) {
            (None, Some(_)) => fence = mark,
            (Some(_), _) if fence == mark => fence = None,
            (Some(_), _) => {}
            (None, None) => {
                let prose = without_code(line);
                let targets = inline(&prose).chain(definition(&prose));
                found.extend(targets.map(|target| (index + 1, target.to_owned())));
            }
        }
    }
    found
}

/// Returns the line without its `code spans`; a backtick without a partner is text.
fn without_code(line: &str) -> String {
    let pieces: Vec<_> = line.split('`').collect();
    let open = pieces.len() % 2 == 0;
    let last = pieces.len() - 1;
    let prose = pieces.iter().enumerate().map(|(index, piece)| {
        let text = index % 2 == 0 || (open && index == last);
        if text { *piece } else { "" }
    });
    prose.collect()
}

/// Returns the targets in `[text](target)` and `![text](target "title")`.
fn inline(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("](").filter_map(|(at, open)| target(&line[at + open.len()..], ')'))
}

/// Returns the target in `[label]: target`; footnotes have none.
fn definition(line: &str) -> Option<&str> {
    let (label, rest) = line.trim_start().strip_prefix('[')?.split_once("]:")?;
    if label.starts_with('^') || label.contains(']') {
        return None;
    }
    target(rest.trim_start(), ' ')
}

/// Returns the target at the start of `rest`: in angle brackets, or up to white space or `end`.
fn target(rest: &str, end: char) -> Option<&str> {
    match rest.strip_prefix('<') {
        Some(bracketed) => bracketed.split_once('>').map(|(target, _)| target),
        None => rest.split([end, ' ', '\t']).next(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::fixture::Fixture;

    fn broken(text: &str) -> Vec<String> {
        Fixture::new()
            .file("README.md", "Read [the guide](docs/guide.md).\n")
            .file("docs/two words.md", "Nothing.\n")
            .file("docs/guide.md", text)
            .places(rule)
    }

    #[test]
    fn links_that_lead_to_files_and_folders_pass() {
        let text = "[a](../README.md) ![b](<two words.md>) [c](../docs/) [d](/README.md \"up\")\n\n\
                    [e]: guide.md#top\n";
        assert!(broken(text).is_empty());
    }

    #[test]
    fn links_that_lead_nowhere_are_found() {
        let text = "[a](gone.md)\n\n[b](../README.md), ![c](gone.png)\n\n[d]: ../../README.md\n";
        assert_eq!(broken(text), ["docs/guide.md:1", "docs/guide.md:3", "docs/guide.md:5"]);
    }

    #[test]
    fn links_to_the_web_and_within_the_file_are_left_alone() {
        assert!(broken("[a](https://example.org/x) [b](#top) [c](mailto:a@b.c)\n").is_empty());
    }

    #[test]
    fn code_holds_no_links() {
        let text = "`[a](gone.md)`\n\n```text\n[b](gone.md)\n~~~\n```\n\n[c](gone.md)\n";
        assert_eq!(broken(text), ["docs/guide.md:8"]);
    }
}
