//! Reports why a verb failed: the facts, the candidates, and the way out.

use std::error::Error;
use std::io::Write as _;

use oncue_types::Told;

use crate::exit::Exit;
use crate::render::clean::clean;
#[cfg(not(windows))]
use crate::render::style::HELD;
use crate::render::style::{BAD, TITLE, paint};

/// Writes the facts and the way out to standard error.
pub(crate) fn report(error: &dyn Error, exit: Exit, candidates: &[String], way_out: Option<&str>) {
    let facts = lines(&whole(error));
    // An interruption that the user requested is not an error.
    let mark = if exit == Exit::Interrupted { String::new() } else { paint(BAD, "error:") + " " };
    let mut text = format!("{mark}{facts}\n");
    for candidate in candidates {
        text.push_str(&format!("  {}\n", clean(candidate)));
    }
    if let Some(way_out) = way_out {
        text.push_str(&format!("  {} {}\n", paint(TITLE, "try:"), lines(way_out)));
    }
    // If standard error is closed, nothing more can be reported.
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// Writes a warning and its way out to standard error; the verb continues.
#[cfg(not(windows))]
pub(crate) fn warn(facts: &str, way_out: &str) {
    let (facts, way_out) = (lines(facts), lines(way_out));
    let text = format!("{} {facts}\n  {} {way_out}\n", paint(HELD, "warning:"), paint(TITLE, "try:"));
    // If standard error is closed, nothing more can be reported.
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// Returns an error, followed by the causes that its own text does not name.
pub(crate) fn whole(error: &dyn Error) -> String {
    Told::of(error).to_string()
}

/// Cleans text line by line, and indents all but the first line.
pub(crate) fn lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(clean).collect();
    lines.join("\n  ")
}
