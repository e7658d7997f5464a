//! The result of a translation: files, and notes about what differs.

use std::fmt;

/// Files for another scheduler.
#[derive(Debug, Default)]
pub(super) struct Translation {
    files: Vec<File>,
    notes: Vec<Note>,
}

/// A file. It begins with a line by which a later export recognises it.
#[derive(Debug)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) text: String,
}

/// A part of a task that has no counterpart, or differs there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Note {
    task: String,
    what: String,
    /// Whether nothing there would run the task.
    is_loss: bool,
}

/// The notes about one task.
#[derive(Debug)]
pub(super) struct Notes {
    task: String,
    notes: Vec<Note>,
}

/// The words at the end of the first line of every file.
const MARK: &str = "written by `oncue export`";

impl Translation {
    /// Adds what became of one task. `bodies` are the names and texts of its files.
    pub(super) fn add(&mut self, notes: Notes, bodies: Vec<(String, String)>) {
        let comments: String = notes.notes.iter().map(Note::comment).collect();
        for (name, body) in bodies {
            let task = notes.task.replace(char::is_control, " ");
            let text = format!("# {name} of task {task}, {MARK}\n{comments}{body}");
            self.files.push(File { name, text });
        }
        self.notes.extend(notes.notes);
    }

    /// Returns the files.
    pub(super) fn files(&self) -> &[File] {
        &self.files
    }

    /// Returns all files, one after the other.
    pub(super) fn text(&self) -> String {
        let texts: Vec<&str> = self.files.iter().map(|file| file.text.as_str()).collect();
        texts.join("\n")
    }

    /// Returns what differs.
    pub(super) fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Returns whether every task was translated.
    pub(super) fn is_complete(&self) -> bool {
        !self.notes.iter().any(|note| note.is_loss)
    }
}

impl Notes {
    /// Starts without notes about a task.
    pub(super) fn of(task: &str) -> Self {
        Self { task: task.to_owned(), notes: Vec::new() }
    }

    /// Notes that something has no counterpart, or differs.
    pub(super) fn differs(&mut self, what: impl Into<String>) {
        self.push(what, false);
    }

    /// Notes that nothing there would run the task.
    pub(super) fn lost(&mut self, what: impl Into<String>) {
        self.push(what, true);
    }

    fn push(&mut self, what: impl Into<String>, is_loss: bool) {
        self.notes.push(Note { task: self.task.clone(), what: what.into(), is_loss });
    }
}

impl Note {
    fn comment(&self) -> String {
        let text = self.to_string().replace(char::is_control, " ");
        // A backslash at its end would continue the line.
        format!("# {}\n", text.trim_end_matches(|c: char| c == '\\' || c.is_whitespace()))
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { task, what, is_loss } = self;
        let loss = if *is_loss { "not translated: " } else { "" };
        write!(f, "{task}: {loss}{what}")
    }
}

/// Returns whether a text was written by an export.
pub(super) fn is_ours(text: &str) -> bool {
    first_line(text).is_some_and(|line| line.starts_with("# ") && line.ends_with(MARK))
}

impl File {
    /// Returns whether a text was written by an export of the same task.
    pub(super) fn replaces(&self, text: &str) -> bool {
        first_line(text) == first_line(&self.text)
    }
}

fn first_line(text: &str) -> Option<&str> {
    text.lines().next()
}
