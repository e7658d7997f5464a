//! What a verb that failed says to a person: the facts, candidates, the way out.

use std::error::Error;
use std::io::Write as _;

use oncue_types::Told;

use crate::exit::Exit;
use crate::render::clean::clean;
#[cfg(not(windows))]
use crate::render::style::HELD;
use crate::render::style::{BAD, TITLE, paint};

/// Writes the facts and the way out to standard error.
pub(crate) fn report(error: &dyn Error, exit: Exit, candidates: &[String], way_out: Option<String>) {
    let facts = lines(&whole(error));
    let mut text = match exit {
        // What the user wanted is no error.
        Exit::Interrupted => format!("{facts}\n"),
        _ => format!("{} {facts}\n", paint(BAD, "error:")),
    };
    for candidate in candidates {
        text.push_str(&format!("  {}\n", clean(candidate)));
    }
    if let Some(way_out) = way_out {
        text.push_str(&format!("  {} {}\n", paint(TITLE, "try:"), lines(&way_out)));
    }
    // Where nobody reads, nothing more can be said.
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// Writes a warning and its way out to standard error; the verb still gives its answer.
#[cfg(not(windows))]
pub(crate) fn warn(facts: &str, way_out: &str) {
    let (facts, way_out) = (lines(facts), lines(way_out));
    let text = format!("{} {facts}\n  {} {way_out}\n", paint(HELD, "warning:"), paint(TITLE, "try:"));
    // Where nobody reads, nothing more can be said.
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// Returns an error with the causes that it does not name itself.
pub(crate) fn whole(error: &dyn Error) -> String {
    Told::of(error).to_string()
}

/// Cleans text line by line, further lines indented.
pub(crate) fn lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(clean).collect();
    lines.join("\n  ")
}
