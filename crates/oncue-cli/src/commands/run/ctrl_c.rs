//! Ctrl-C during `oncue run --wait`: on a terminal, the user is asked what to do.

use std::io::{self, IsTerminal as _, Write as _};

use super::following::Stood;
use crate::follow::{FollowError, Happenings};
use crate::render::style::{HELD, TITLE, paint};

/// The effect of Ctrl-C.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CtrlC {
    /// It stops waiting.
    StopsWaiting,
    /// It asks.
    Asks,
    /// It has asked, and the answer is awaited; a second one stops waiting.
    HasAsked,
}

/// The user's choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    Cancel,
    StopWaiting,
    GoOn,
}

impl CtrlC {
    /// Asks if a person can answer.
    pub(super) fn here() -> Self {
        if io::stdin().is_terminal() && io::stderr().is_terminal() { Self::Asks } else { Self::StopsWaiting }
    }

    /// Asks what to do. Returns false if it is not asked, and waiting stops.
    pub(super) fn asks(&mut self, happenings: &Happenings, stood: Stood) -> Result<bool, FollowError> {
        if *self != Self::Asks {
            self.ends_line();
            return Ok(false);
        }
        *self = Self::HasAsked;
        happenings.read_line()?;
        // If standard error is closed, the next Ctrl-C stops waiting.
        let _ = write!(anstream::stderr(), "\n{}", question(stood));
        Ok(true)
    }

    /// Returns what an answer means.
    pub(super) fn answered(&mut self, answer: &str) -> Choice {
        let choice = choice(answer);
        // Whoever has cancelled only waits for the end.
        *self = if choice == Choice::Cancel { Self::StopsWaiting } else { Self::Asks };
        choice
    }

    /// Ends the line of a question that was not answered.
    pub(super) fn ends_line(self) {
        if self == Self::HasAsked {
            let _ = writeln!(anstream::stderr());
        }
    }
}

fn question(stood: Stood) -> String {
    let cancel = match stood {
        Stood::Held => Some("drop the held firing"),
        Stood::Alive => Some("cancel the run"),
        // Only the run before it could be cancelled.
        Stood::Behind => None,
    };
    let cancel = cancel.map(|what| format!("{} {what}, ", paint(TITLE, "c"))).unwrap_or_default();
    let (stop, go_on) = (paint(TITLE, "d"), paint(TITLE, "Enter"));
    format!("{} {cancel}{stop} stop waiting, {go_on} go on: ", paint(HELD, "Ctrl-C:"))
}

fn choice(answer: &str) -> Choice {
    match answer.trim().to_lowercase().as_str() {
        "c" | "cancel" => Choice::Cancel,
        "d" | "detach" | "stop" => Choice::StopWaiting,
        _ => Choice::GoOn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_letter_or_a_word_and_anything_else_goes_on() {
        for (answer, chosen) in [
            ("c\n", Choice::Cancel),
            ("Cancel\n", Choice::Cancel),
            ("d\n", Choice::StopWaiting),
            ("detach\n", Choice::StopWaiting),
            ("\n", Choice::GoOn),
            ("", Choice::GoOn),
            ("x\n", Choice::GoOn),
        ] {
            assert_eq!(choice(answer), chosen, "{answer:?}");
        }
    }

    #[test]
    fn a_run_before_this_one_is_not_offered_for_cancelling() {
        let asked = |stood| anstream::adapter::strip_str(&question(stood)).to_string();
        assert_eq!(asked(Stood::Alive), "Ctrl-C: c cancel the run, d stop waiting, Enter go on: ");
        assert_eq!(asked(Stood::Held), "Ctrl-C: c drop the held firing, d stop waiting, Enter go on: ");
        assert_eq!(asked(Stood::Behind), "Ctrl-C: d stop waiting, Enter go on: ");
    }
}
