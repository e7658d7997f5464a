//! The colours, named by their meaning.

use anstyle::{AnsiColor, Style};

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
pub(crate) fn of_state(state: &str) -> Style {
    match state {
        "held" => HELD,
        "activating" | "running" => ALIVE,
        "cancelling" => HELD,
        "quarantined" => BAD,
        _ => PLAIN,
    }
}

/// Returns the style of what a package may do.
pub(crate) fn of_access(access: &str) -> Style {
    match access {
        "always" => GOOD,
        "denied" => BAD,
        _ => PLAIN,
    }
}

/// Returns the style of an outcome, where only failures stand out.
pub(crate) fn of_ending(outcome: &str) -> Style {
    let style = of_outcome(outcome);
    if style == GOOD { PLAIN } else { style }
}

/// Returns the style of an outcome.
pub(crate) fn of_outcome(outcome: &str) -> Style {
    match outcome {
        "completed" => GOOD,
        "cancelled" | "skipped" | "dropped" | "coalesced" => HELD,
        _ => BAD,
    }
}
