//! A condition on the command line. An error is shown with its position.

use std::str::FromStr;

use oncue_types::{Condition, Mistake};

/// A condition from the command line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct When(pub(crate) Condition);

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|mistake: Mistake| marked(&mistake.what, text, mistake.at, 1))
    }
}

/// Returns what is wrong with a text, and marks the place.
pub(super) fn marked(what: &str, text: &str, at: usize, length: usize) -> String {
    format!("{what}\n\n  {text}\n  {}{}", " ".repeat(at), "^".repeat(length.max(1)))
}
