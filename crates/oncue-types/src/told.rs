//! Readable errors: what happened, why, and what to do about it.

use core::error::Error;
use core::fmt;

use alloc::string::{String, ToString};

/// Displays an error, followed by the causes that its own text does not name, and the way out on a
/// separate line.
///
/// The public error types of oncue use this for `Debug`, because `main` prints a returned error
/// with `Debug`.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    error: &'a dyn Error,
    way_out: Option<&'a str>,
}

impl<'a> Told<'a> {
    /// Displays an error and its causes.
    #[must_use]
    pub fn of(error: &'a dyn Error) -> Self {
        Self { error, way_out: None }
    }

    /// Adds the way out.
    #[must_use]
    pub fn with(self, way_out: Option<&'a str>) -> Self {
        Self { way_out: way_out.filter(|text| !text.is_empty()), ..self }
    }
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&facts(self.error))?;
        match self.way_out {
            Some(way_out) => write!(f, "\n  try: {way_out}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Skips causes that the error itself already names.
fn facts(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the disk is full")]
    struct Disk;

    #[derive(Debug, thiserror::Error)]
    enum Store {
        #[error("writing a record")]
        Quiet(#[source] Disk),
        #[error("writing a record: {0}")]
        Loud(#[source] Disk),
    }

    #[test]
    fn a_cause_is_named_once() {
        for error in [Store::Quiet(Disk), Store::Loud(Disk)] {
            assert_eq!(Told::of(&error).to_string(), "writing a record: the disk is full");
        }
    }

    #[test]
    fn the_way_out_has_a_line_of_its_own() {
        assert_eq!(Told::of(&Disk).with(Some("make room")).to_string(), "the disk is full\n  try: make room");
        assert_eq!(Told::of(&Disk).with(Some("")).to_string(), "the disk is full");
    }
}
