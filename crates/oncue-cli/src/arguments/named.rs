//! Checks that every command line in a way out, an example or the documentation is valid.

use std::fs;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{Command, CommandFactory as _, Parser as _};

use super::Arguments;
use crate::commands::sample::assert_transcript;

/// Stands for what a text fills in.
const FILLED_IN: &str = "x";

/// Returns the files below a folder that end so.
fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        // Windows has a command line of its own.
        if path.is_dir() && path.file_name().is_some_and(|name| name != "windows" && name != "tests") {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|end| end == extension) {
            found.push(path);
        }
    }
}

/// A command line as a text names it.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    line: String,
    /// It stands in a description, which may speak of a verb without its arguments.
    described: bool,
}

/// Returns what stands between backticks and begins with `oncue `, with `{…}` filled in.
fn named_in(text: &str, is_code: bool) -> Vec<Named> {
    let mut named = Vec::new();
    for line in joined(text).lines() {
        let described = !is_code || line.trim_start().starts_with("//");
        let commands = line.split('`').skip(1).step_by(2).filter(|part| part.starts_with("oncue "));
        let any_verb = |command: &str| filled_in(command).replace(" VERB", " list");
        named.extend(commands.map(|command| Named { line: any_verb(command), described }));
    }
    named
}

/// Joins the lines of string literals that continue on the next line.
fn joined(text: &str) -> String {
    let mut joined = String::new();
    for line in text.lines() {
        match joined.strip_suffix('\\') {
            Some(begun) => joined = format!("{begun}{}", line.trim_start()),
            None => {
                joined.push('\n');
                joined.push_str(line);
            }
        }
    }
    joined
}

fn filled_in(command: &str) -> String {
    let mut text = String::new();
    let mut depth = 0;
    for character in command.chars() {
        match character {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                text.push_str(FILLED_IN);
            }
            other if depth == 0 => text.push(other),
            _ => {}
        }
    }
    text
}

/// Parts a line as a shell does, up to what ends a command.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for character in line.chars() {
        match character {
            mark @ ('\'' | '"') if quote.is_none() => {
                quote = Some(mark);
                word.get_or_insert_default();
            }
            mark if quote == Some(mark) => quote = None,
            '|' | '&' | '>' | ';' | '#' if quote.is_none() => break,
            ' ' if quote.is_none() => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}

/// Whether the line names a verb, or an option of it, and nothing else.
fn is_verb(line: &str) -> bool {
    let mut command = Arguments::command();
    line.split(' ').skip(1).all(|word| match word.strip_prefix("--") {
        Some(option) => command.get_arguments().any(|argument| argument.get_long() == Some(option)),
        None => command.find_subcommand(word).cloned().map(|inner| command = inner).is_some(),
    })
}

/// Returns what is wrong with a command line, if anything.
fn wrong(line: &str) -> Option<String> {
    let words = words(line);
    let error = Arguments::try_parse_from(&words).err()?;
    let stands_for_another = |word: &String| {
        word == FILLED_IN || word.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c == '=')
    };
    let is_help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    // A placeholder does not have to be a valid value.
    let is_placeholder = matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue)
        && words.iter().any(stands_for_another);
    (!is_help && !is_placeholder).then(|| format!("`{line}`: {error}"))
}

fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_command_in_a_text_can_be_given() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    files(&root.join("crates"), "rs", &mut found);
    files(&root.join("docs"), "md", &mut found);
    files(&root.join("examples"), "md", &mut found);
    found.push(root.join("README.md"));
    let mut mistakes = Vec::new();
    let mut seen = 0;
    for path in found.iter().filter(|path| !path.ends_with("arguments/named.rs")) {
        let is_code = path.extension().is_some_and(|extension| extension == "rs");
        for Named { line, described } in named_in(&fs::read_to_string(path).unwrap(), is_code) {
            seen += 1;
            if !(described && is_verb(&line)) {
                mistakes.extend(wrong(&line).map(|what| format!("{}: {what}", path.display())));
            }
        }
    }
    assert!(seen > 100, "only {seen} commands were found");
    assert_none(&mistakes);
}

#[test]
fn every_example_of_the_help_can_be_given() {
    fn examples(command: &Command, found: &mut Vec<String>) {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        found.extend(help.lines().map(str::trim).filter(|line| line.starts_with("oncue ")).map(Into::into));
        command.get_subcommands().for_each(|inner| examples(inner, found));
    }
    let mut found = Vec::new();
    examples(&Arguments::command(), &mut found);
    assert!(found.len() > 30, "{found:?}");
    let mistakes: Vec<String> = found.iter().filter_map(|line| wrong(line)).collect();
    assert_none(&mistakes);
}

#[test]
fn the_transcript_has_the_help_of_each_verb() {
    fn help(command: &mut Command, called: &str, text: &mut String) {
        text.push_str(&format!(
            "$ {called} --help\n{}\n",
            command.clone().term_width(100).render_long_help()
        ));
        for inner in command.get_subcommands_mut().filter(|inner| !inner.is_hide_set()) {
            let called = format!("{called} {}", inner.get_name());
            help(inner, &called, text);
        }
    }
    let mut text = String::new();
    help(&mut Arguments::command(), "oncue", &mut text);
    assert_transcript("help", &text);
}

#[test]
fn what_cannot_be_given_is_noticed() {
    for line in ["oncue lisst", "oncue run", "oncue release --all x", "oncue history -n many"] {
        assert!(wrong(line).is_some(), "{line}");
    }
    let named = named_in("\"see `oncue why {name}`, or `oncue \\\n    list`\"\n// As `oncue run`.", true);
    let lines: Vec<(&str, bool)> = named.iter().map(|named| (named.line.as_str(), named.described)).collect();
    assert_eq!(lines, [("oncue why x", false), ("oncue list", false), ("oncue run", true)]);
    for (line, verb) in [
        ("oncue package check", true),
        ("oncue run --wait", true),
        ("oncue check", false),
        ("oncue run --x", false),
    ] {
        assert_eq!(is_verb(line), verb, "{line}");
    }
}
