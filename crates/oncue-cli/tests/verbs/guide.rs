//! The guide: each of its commands is run, and its output compared with what the guide shows.
//!
//! In a block of `console`, a line that begins with `$ ` is a command, and the lines below it are its output. In
//! them, `…` stands for any text, and a line that is only `…` for any lines.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::stage::{Stage, said};

/// A step of a chapter.
enum Step {
    /// A command of the guide, and what it writes.
    Command { line: usize, command: String, output: Vec<String> },
    /// A file to be written.
    File { path: String, text: String },
}

fn chapter(name: &str) -> (PathBuf, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/src").join(name);
    let text = fs::read_to_string(&path).unwrap();
    (path, text)
}

/// Reads the steps: blocks of `console`, and those of another language with `file=PATH`.
fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut block = "";
    for (at, line) in text.lines().enumerate() {
        if let Some(language) = line.strip_prefix("```") {
            block = language;
            if let Some((_, path)) = language.split_once(",file=") {
                steps.push(Step::File { path: path.to_owned(), text: String::new() });
            }
            continue;
        }
        match steps.last_mut() {
            _ if block == "console" && line.starts_with("$ ") => {
                steps.push(Step::Command { line: at + 1, command: line[2..].to_owned(), output: Vec::new() });
            }
            Some(Step::Command { output, .. }) if block == "console" => output.push(line.to_owned()),
            Some(Step::File { text, .. }) if block.contains(",file=") => text.push_str(&format!("{line}\n")),
            _ => {}
        }
    }
    steps
}

/// Whether a text is what the pattern shows.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('…') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            let mut ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            ends.any(|at| fits(after, &rest[at..]))
        }),
    }
}

fn all_fit(patterns: &[String], lines: &[&str]) -> bool {
    match (patterns.split_first(), lines.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first == "…" => {
            all_fit(rest, lines) || lines.split_first().is_some_and(|(_, later)| all_fit(patterns, later))
        }
        (Some((first, rest)), Some((line, later))) => fits(first, line) && all_fit(rest, later),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// Runs the commands of a chapter, one after the other, in the home of a user who is online and on AC power.
fn run(name: &str) {
    let (path, text) = chapter(name);
    let stage = Stage::new();
    stage.write("Documents/letter.txt", "Dear reader,\n");
    stage.write("src/main.c", "int main(void) { return 0; }\n");
    let programs = stage.path("programs");
    fs::create_dir(&programs).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_oncue"), programs.join("oncue")).unwrap();
    let cargo_at = env::var_os("CARGO").map(PathBuf::from).unwrap_or_default();
    let cargo_at = cargo_at.parent().unwrap_or(Path::new("/usr/bin"));
    let search = format!("{}:{}:/usr/bin:/bin", programs.display(), cargo_at.display());
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    std::os::unix::fs::symlink(workspace, stage.path("oncue")).unwrap();
    stage.done(&["simulate", "internet=on", "ac=on"]);
    for step in steps(&text) {
        let (line, command, output) = match step {
            Step::File { path, text } => {
                stage.write(&path, &text);
                continue;
            }
            Step::Command { line, command, output } => (line, command, output),
        };
        let mut shell = stage.program(Path::new("/bin/sh"), &["-c", &command]);
        shell.env("PATH", &search).env("HOME", stage.path("")).envs(cargo());
        let said = said(shell.output().unwrap());
        // Progress is shown on standard error, and is gone when a command has succeeded.
        let error = if said.code == Some(0) { "" } else { &said.err };
        let lines: Vec<&str> = said.out.lines().chain(error.lines()).map(str::trim_end).collect();
        let place = format!("{}:{line}: `{command}`", path.display());
        assert!(all_fit(&output, &lines), "{place} writes\n{}\n{}", said.out, said.err);
        let may_fail = output.iter().any(|line| line.starts_with("error:") || line.starts_with('✗'));
        assert!(said.code == Some(0) || may_fail || command.contains("--wait"), "{place}: {said:?}");
    }
}

/// The variables with which cargo finds its tools and builds beside this workspace.
fn cargo() -> Vec<(&'static str, OsString)> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/guide");
    let kept = ["CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"];
    let mut variables: Vec<_> =
        kept.into_iter().filter_map(|name| Some((name, env::var_os(name)?))).collect();
    let home = env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
        if env::var_os(name).is_none() {
            variables.push((name, home.join(folder).into()));
        }
    }
    variables.push(("CARGO_TARGET_DIR", target.into()));
    variables
}

#[test]
fn a_first_task() {
    run("first-task.md");
}

#[test]
fn ten_jobs() {
    run("ten-jobs.md");
}

#[test]
fn why_did_it_not_run() {
    run("why.md");
}

#[test]
fn tasks_in_files() {
    run("files.md");
}

#[test]
#[ignore = "builds an app"]
fn an_app_with_a_task() {
    run("app.md");
}

#[test]
fn every_chapter_is_in_the_summary_and_its_commands_are_run() {
    let (summary, text) = chapter("SUMMARY.md");
    let own = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verbs/guide.rs")).unwrap();
    for entry in fs::read_dir(summary.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            continue;
        }
        let name = entry.file_name().into_string().unwrap();
        assert!(name == "SUMMARY.md" || text.contains(&format!("({name})")), "{name} is not in the summary");
        if chapter(&name).1.contains("```console") {
            assert!(own.contains(&format!("run(\"{name}\")")), "{name} is not run");
        }
    }
}

#[test]
fn what_the_guide_shows_is_compared() {
    let fit = |patterns: &[&str], lines: &[&str]| {
        all_fit(&patterns.iter().map(|&pattern| pattern.to_owned()).collect::<Vec<_>>(), lines)
    };
    assert!(fit(&["a … c", "…", "z"], &["a b c", "1", "2", "z"]));
    assert!(fit(&["…"], &[]) && fit(&[], &[]));
    assert!(!fit(&["a … c"], &["a b"]) && !fit(&["a"], &[]) && !fit(&[], &["a"]));
}
