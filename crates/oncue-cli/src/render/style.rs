//! The colours, named by their meaning.

use anstyle::{AnsiColor, Style};
use oncue_types::{Access, Outcome, TaskState};
use oncue_wire::Word;

/// Good.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// Bad.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Waiting, or worth a look.
pub(crate) const HELD: Style = AnsiColor::Yellow.on_default();
/// In progress.
pub(crate) const ALIVE: Style = AnsiColor::Cyan.on_default();
/// Less important.
pub(crate) const FAINT: Style = Style::new().dimmed();
/// A heading.
pub(crate) const TITLE: Style = Style::new().bold();
/// Ordinary text.
pub(crate) const PLAIN: Style = Style::new();

/// Returns the text in a style.
pub(crate) fn paint(style: Style, text: &str) -> String {
    if style == PLAIN { text.to_owned() } else { format!("{style}{text}{style:#}") }
}

/// Returns the style of a task's state.
pub(crate) fn of_state(state: &Word<TaskState>) -> Style {
    match state {
        Word::Known(TaskState::Held | TaskState::Cancelling) => HELD,
        Word::Known(TaskState::Activating | TaskState::Running) => ALIVE,
        Word::Known(TaskState::Quarantined) => BAD,
        Word::Known(TaskState::Armed) | Word::Other(_) => PLAIN,
    }
}

/// Returns the style of what a package may do.
pub(crate) fn of_access(access: &Word<Access>) -> Style {
    match access {
        Word::Known(Access::Always) => GOOD,
        Word::Known(Access::Denied) => BAD,
        Word::Known(Access::Policy) | Word::Other(_) => PLAIN,
    }
}

/// Returns the style of an outcome, where only failures stand out.
pub(crate) fn of_ending(outcome: &Word<Outcome>) -> Style {
    let style = of_outcome(outcome);
    if style == GOOD { PLAIN } else { style }
}

/// Returns the style of an outcome.
pub(crate) fn of_outcome(outcome: &Word<Outcome>) -> Style {
    match outcome {
        Word::Known(Outcome::Completed) => GOOD,
        Word::Known(Outcome::Cancelled | Outcome::Skipped | Outcome::Dropped | Outcome::Coalesced) => HELD,
        Word::Known(
            Outcome::Failed | Outcome::Killed | Outcome::Crashed | Outcome::NotActivated | Outcome::Lost,
        ) => BAD,
        Word::Other(_) => PLAIN,
    }
}
