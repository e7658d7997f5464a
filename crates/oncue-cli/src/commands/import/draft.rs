//! Tasks that were translated, and what could not be translated.

use std::fmt;

use crate::declared::{Part, Values, table};

/// The result of a translation.
#[derive(Debug, Default)]
pub(super) struct Draft {
    tasks: Vec<Task>,
    notes: Vec<Note>,
}

#[derive(Debug)]
struct Task {
    name: String,
    /// The line that it was translated from, as a comment.
    from: String,
    parts: Vec<Part>,
}

/// The parts that could not be translated, or not exactly.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Note {
    file: String,
    line: usize,
    what: String,
    /// Whether something does not run because of it.
    is_loss: bool,
}

impl Draft {
    /// Adds a task. If its name is taken, it gets a number.
    pub(super) fn task(&mut self, name: &str, from: impl Into<String>, parts: Vec<Part>) {
        let is_free = |name: &String| !self.tasks.iter().any(|task| task.name == *name);
        let names =
            std::iter::once(name.to_owned()).chain((2_u32..).map(|number| format!("{name}-{number}")));
        let name = names.into_iter().find(is_free).unwrap_or_default();
        self.tasks.push(Task { name, from: from.into(), parts });
    }

    /// Notes that something differs.
    pub(super) fn note(&mut self, file: &str, line: usize, what: impl Into<String>) {
        self.notes.push(Note { file: file.to_owned(), line, what: what.into(), is_loss: false });
    }

    /// Notes that something that runs could not be translated.
    pub(super) fn loss(&mut self, file: &str, line: usize, what: impl Into<String>) {
        self.notes.push(Note { file: file.to_owned(), line, what: what.into(), is_loss: true });
    }

    /// Returns the notes.
    pub(super) fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Returns whether everything that runs was translated.
    pub(super) fn is_complete(&self) -> bool {
        !self.notes.iter().any(|note| note.is_loss)
    }

    /// Returns the tasks as TOML.
    pub(super) fn text(&self) -> String {
        let tables = self.tasks.iter().map(|Task { name, from, parts }| {
            let from = from.replace(char::is_control, " ");
            format!("# {from}\n{}", table(name, parts, Values::Written))
        });
        tables.collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, what, is_loss } = self;
        let loss = if *is_loss { "not translated: " } else { "" };
        write!(f, "{file}:{line}: {loss}{what}")
    }
}
