//! Mistakes in a file, and where they are.

use std::fmt;

/// A position in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    file: String,
    line: usize,
    column: usize,
}

impl Place {
    /// Returns the place of a byte of a file's text.
    pub(super) fn of(file: &str, text: &str, at: usize) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line = before.rsplit('\n').next().unwrap_or(before);
        let (number, column) = (before.matches('\n').count() + 1, line.chars().count() + 1);
        Self { file: file.to_owned(), line: number, column }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column } = self;
        write!(f, "{file}:{line}:{column}")
    }
}

/// A mistake in a file.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {what}")]
pub(crate) struct Mistake {
    place: Place,
    what: String,
}

impl Mistake {
    /// Creates a mistake.
    pub(crate) fn at(place: Place, what: impl Into<String>) -> Self {
        Self { place, what: what.into() }
    }
}

/// Mistakes in files, at least one.
#[derive(Debug, thiserror::Error)]
pub(crate) struct Mistakes(Vec<Mistake>);

impl Mistakes {
    /// Returns the value if there are no mistakes.
    pub(crate) fn unless<T>(mut mistakes: Vec<Mistake>, value: T) -> Result<T, Self> {
        mistakes.sort_by(|a, b| a.place.cmp(&b.place));
        if mistakes.is_empty() { Ok(value) } else { Err(Self(mistakes)) }
    }

    /// Returns the mistakes, ordered by their places.
    pub(super) fn into_vec(self) -> Vec<Mistake> {
        self.0
    }
}

impl From<Mistake> for Mistakes {
    fn from(mistake: Mistake) -> Self {
        Self(vec![mistake])
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, mistake) in self.0.iter().enumerate() {
            write!(f, "{}{mistake}", if at == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}
